"""Linear advection by a limited second-order finite-volume scheme (MUSCL, two-stage Runge-Kutta).

    u_t + u_x = 0   on the unit interval, periodic

Exact: the initial profile sin(pi x)^4, carried once around. The limiter is a function passed by name.
"""

import argparse

import numpy as np


def minmod(a, b):
    if a * b <= 0.0:
        return 0.0
    if abs(a) < abs(b):
        return a
    return b


def van_leer(a, b):
    if a * b <= 0.0:
        return 0.0
    return 2.0 * a * b / (a + b)


def divergence(u, dx, limiter):
    n = len(u)
    flux = np.zeros(n)
    for i in range(n):
        slope = limiter(u[i] - u[i - 1], u[(i + 1) % n] - u[i])
        flux[i] = u[i] + 0.5 * slope
    out = np.zeros(n)
    for i in range(n):
        out[i] = -(flux[i] - flux[i - 1]) / dx
    return out


def solve(n, limiter, cfl=0.4, t_end=1.0):
    dx = 1.0 / n
    steps = round(t_end / (cfl * dx))
    dt = t_end / steps
    x = (np.arange(n) + 0.5) * dx
    start = np.sin(np.pi * x) ** 4
    u = start.copy()
    for _ in range(steps):
        stage = u + dt * divergence(u, dx, limiter)
        u = 0.5 * (u + stage + dt * divergence(stage, dx, limiter))
    return u, start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=740, help="cells")
    n = parser.parse_args().n
    for name, limiter in (("minmod", minmod), ("van Leer", van_leer)):
        u, exact = solve(n, limiter)
        error = np.mean(np.abs(u - exact))
        print(f"{name}: total {np.sum(u) / n:.12f}  L1 error {error:.6e}")


if __name__ == "__main__":
    main()
