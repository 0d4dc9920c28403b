"""Heat equation in two dimensions by alternating directions (Peaceman-Rachford), with Thomas' algorithm.

    u_t = u_xx + u_yy   on the unit square, u = 0 on the boundary

Exact: u = exp(-5 pi^2 t) sin(pi x) sin(2 pi y). Second order in space and time; dt is proportional to h.
"""

import argparse

import numpy as np


def thomas(lower, diagonal, upper, rhs):
    n = len(rhs)
    c = np.zeros(n)
    d = np.zeros(n)
    c[0] = upper / diagonal
    d[0] = rhs[0] / diagonal
    for i in range(1, n):
        pivot = diagonal - lower * c[i - 1]
        c[i] = upper / pivot
        d[i] = (rhs[i] - lower * d[i - 1]) / pivot
    for i in range(n - 2, -1, -1):
        d[i] -= c[i] * d[i + 1]
    return d


def half_step_x(u, r):
    n = u.shape[0] - 1
    out = np.zeros_like(u)
    rhs = np.zeros(n - 1)
    for j in range(1, n):
        for i in range(1, n):
            rhs[i - 1] = u[i, j] + r * (u[i, j + 1] - 2 * u[i, j] + u[i, j - 1])
        out[1:n, j] = thomas(-r, 1 + 2 * r, -r, rhs)
    return out


def half_step_y(u, r):
    n = u.shape[0] - 1
    out = np.zeros_like(u)
    rhs = np.zeros(n - 1)
    for i in range(1, n):
        for j in range(1, n):
            rhs[j - 1] = u[i, j] + r * (u[i + 1, j] - 2 * u[i, j] + u[i - 1, j])
        out[i, 1:n] = thomas(-r, 1 + 2 * r, -r, rhs)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=96, help="cells along each side")
    n = parser.parse_args().n
    t_end = 0.06
    h = 1.0 / n
    steps = 2 * n
    dt = t_end / steps
    r = dt / (2 * h**2)
    x = np.linspace(0.0, 1.0, n + 1)
    shape = np.outer(np.sin(np.pi * x), np.sin(2 * np.pi * x))
    u = shape.copy()
    for step in range(steps):
        u = half_step_x(u, r)
        u = half_step_y(u, r)
        if step % 50 == 0:
            print("step", step, "maximum", u.max())
    exact = np.exp(-5 * np.pi**2 * t_end) * shape
    print(f"relative L2 error {np.linalg.norm(u - exact) / np.linalg.norm(exact):.6e}")


if __name__ == "__main__":
    main()
