"""Maxwell's equations in a metal box by FDTD (Yee's scheme, TM mode); the fields are kept in a dict.

    Hx_t = -Ez_y,   Hy_t = Ez_x,   Ez_t = Hy_x - Hx_y   on the unit square, Ez = 0 on the walls

Exact: the standing mode Ez = sin(pi x) sin(2 pi y) cos(omega t) with omega = pi sqrt(5). Second order.
"""

import argparse

import numpy as np


def make_fields(n):
    x = np.linspace(0.0, 1.0, n + 1)
    return {
        "Ez": np.outer(np.sin(np.pi * x), np.sin(2 * np.pi * x)),
        "Hx": np.zeros((n + 1, n)),
        "Hy": np.zeros((n, n + 1)),
    }


def update_h(fields, c):
    Ez, Hx, Hy = fields["Ez"], fields["Hx"], fields["Hy"]
    n = Ez.shape[0] - 1
    for i in range(n + 1):
        for j in range(n):
            Hx[i, j] -= c * (Ez[i, j + 1] - Ez[i, j])
    for i in range(n):
        for j in range(n + 1):
            Hy[i, j] += c * (Ez[i + 1, j] - Ez[i, j])


def update_e(fields, c):
    n = fields["Ez"].shape[0] - 1
    for i in range(1, n):
        for j in range(1, n):
            fields["Ez"][i, j] += c * (
                fields["Hy"][i, j] - fields["Hy"][i - 1, j] - fields["Hx"][i, j] + fields["Hx"][i, j - 1]
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=116, help="cells along each side")
    n = parser.parse_args().n
    t_end = 1.0
    steps = 2 * n
    dt = t_end / steps
    omega = np.pi * np.sqrt(5.0)
    fields = make_fields(n)
    mode = fields["Ez"].copy()
    # The leapfrog starts with H half a step back.
    update_h(fields, -0.5 * dt * n)
    probe = []
    for step in range(steps):
        update_h(fields, dt * n)
        update_e(fields, dt * n)
        probe.append(fields["Ez"][n // 3, n // 5])
        if step % 40 == 0:
            print(step, probe[-1])
    error = np.sqrt(np.mean((fields["Ez"] - mode * np.cos(omega * t_end)) ** 2))
    print(f"L2 error {error:.6e}")


if __name__ == "__main__":
    main()
