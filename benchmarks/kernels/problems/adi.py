"""Heat in a square by alternating directions: tridiagonal sweeps along columns, then along rows."""

import numpy as np


def initialise(n=200, steps=100):
    i, j = np.mgrid[0:n, 0:n]
    return steps, (i + n - j) / n


def adi(steps, u):
    n = u.shape[0]
    dt = 1.0 / steps
    rx = 2.0 * dt * n**2
    ry = dt * n**2
    ax, bx = -rx / 2.0, 1.0 + rx
    ay, by = -ry / 2.0, 1.0 + ry
    v = np.zeros_like(u)
    p = np.zeros_like(u)
    q = np.zeros_like(u)
    for _ in range(steps):
        v[0, 1:-1] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = 1.0
        for j in range(1, n - 1):
            denominator = ax * p[1:-1, j - 1] + bx
            p[1:-1, j] = -ax / denominator
            q[1:-1, j] = (
                -ay * u[j, :-2] + (1.0 + 2.0 * ay) * u[j, 1:-1] - ay * u[j, 2:] - ax * q[1:-1, j - 1]
            ) / denominator
        v[-1, 1:-1] = 1.0
        for j in range(n - 2, 0, -1):
            v[j, 1:-1] = p[1:-1, j] * v[j + 1, 1:-1] + q[1:-1, j]
        u[1:-1, 0] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = 1.0
        for j in range(1, n - 1):
            denominator = ay * p[1:-1, j - 1] + by
            p[1:-1, j] = -ay / denominator
            q[1:-1, j] = (
                -ax * v[:-2, j] + (1.0 + 2.0 * ax) * v[1:-1, j] - ax * v[2:, j] - ay * q[1:-1, j - 1]
            ) / denominator
        u[1:-1, -1] = 1.0
        for j in range(n - 2, 0, -1):
            u[1:-1, j] = p[1:-1, j] * u[1:-1, j + 1] + q[1:-1, j]


if __name__ == "__main__":
    steps, u = initialise(steps=2400)
    adi(steps, u)
    print("u", u.sum(), abs(u).max())
