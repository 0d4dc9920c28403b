"""Both sweeps with the lines side by side, transposed between; the factors, which never change, once."""

import numpy as np
from numba import njit


@njit(error_model="numpy")
def factors(n, a, b):
    p, denominators = np.zeros(n), np.zeros(n)
    for j in range(1, n - 1):
        denominators[j] = a * p[j - 1] + b
        p[j] = -a / denominators[j]
    return p, denominators


@njit(error_model="numpy")
def sweep(out, q, source, p, denominators, a, s):
    """Solve along the first axis, for all columns at once."""
    n = out.shape[0]
    middle = 1.0 + 2.0 * s
    q[0, :] = 1.0
    for j in range(1, n - 1):
        new, before = q[j, 1:-1], q[j - 1, 1:-1]
        west, here, east = source[j, :-2], source[j, 1:-1], source[j, 2:]
        d = denominators[j]
        for i in range(new.size):
            new[i] = (-s * west[i] + middle * here[i] - s * east[i] - a * before[i]) / d
    out[0, 1:-1] = 1.0
    out[-1, 1:-1] = 1.0
    for j in range(n - 2, 0, -1):
        new, later, known = out[j, 1:-1], out[j + 1, 1:-1], q[j, 1:-1]
        for i in range(new.size):
            new[i] = p[j] * later[i] + known[i]


@njit
def turn(new, old):
    n, size = new.shape[0], 16
    for i0 in range(0, n, size):
        for j0 in range(0, n, size):
            for i in range(i0, min(i0 + size, n)):
                for j in range(j0, min(j0 + size, n)):
                    new[i, j] = old[j, i]


@njit
def solve(steps, u, ax, bx, ay, by):
    n = u.shape[0]
    px, dx = factors(n, ax, bx)
    py, dy = factors(n, ay, by)
    v, turned, q = np.zeros_like(u), np.empty_like(u), np.empty_like(u)
    u_turned = np.empty_like(u)
    turn(u_turned, u)
    for _ in range(steps):
        sweep(v, q, u, px, dx, ax, ay)
        turn(turned, v)
        sweep(u_turned, q, turned, py, dy, ay, ax)
        turn(u, u_turned)


def adi(steps, u):
    n = u.shape[0]
    dt = 1.0 / steps
    rx = 2.0 * dt * n**2
    ry = dt * n**2
    solve(steps, u, -rx / 2.0, 1.0 + rx, -ry / 2.0, 1.0 + ry)


def least_bytes(returned, steps, u):
    """Read and write the field twice a step."""
    return 4 * steps * u.nbytes
