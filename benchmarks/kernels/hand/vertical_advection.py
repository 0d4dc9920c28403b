"""Sixteen columns side by side in small buffers, so that the recurrence runs over vectors."""

import numpy as np
from numba import njit, prange

WIDTH = 16


@njit(error_model="numpy")
def columns(q, w, t, buffers, dt):
    """Solve for a few columns; q, w and t are (columns, levels)."""
    count, nz = q.shape
    qs, ws, ts, upper, right = buffers[0], buffers[1], buffers[2], buffers[3], buffers[4]
    for j in range(count):
        for k in range(nz):
            qs[k, j] = q[j, k]
            ws[k, j] = w[j, k]
            ts[k, j] = t[j, k]
    for j in range(WIDTH):
        c = 0.25 * dt * ws[1, j]
        b = 1.0 - c
        upper[0, j] = c / b
        right[0, j] = (qs[0, j] + dt * ts[0, j] - c * (qs[1, j] - qs[0, j])) / b
    for k in range(1, nz - 1):
        q0, q1, q2, w1, w2 = qs[k - 1], qs[k], qs[k + 1], ws[k], ws[k + 1]
        t1, u0, u1, r0, r1 = ts[k], upper[k - 1], upper[k], right[k - 1], right[k]
        for j in range(WIDTH):
            a = -0.25 * dt * w1[j]
            c = 0.25 * dt * w2[j]
            b = 1.0 - a - c
            pivot = 1.0 / (b - a * u0[j])
            change = a * (q0[j] - q1[j]) + c * (q2[j] - q1[j])
            d = q1[j] + dt * t1[j] - change
            r1[j] = (d - a * r0[j]) * pivot
            u1[j] = c * pivot
    for j in range(WIDTH):
        a = -0.25 * dt * ws[nz - 1, j]
        b = 1.0 - a
        d = qs[nz - 1, j] + dt * ts[nz - 1, j] - a * (qs[nz - 2, j] - qs[nz - 1, j])
        right[nz - 1, j] = x = (d - a * right[nz - 2, j]) / (b - a * upper[nz - 2, j])
        ts[nz - 1, j] = (x - qs[nz - 1, j]) / dt
    for k in range(nz - 2, -1, -1):
        x0, x1, u1, t1, q1 = right[k + 1], right[k], upper[k], ts[k], qs[k]
        for j in range(WIDTH):
            x1[j] = x = x1[j] - u1[j] * x0[j]
            t1[j] = (x - q1[j]) / dt
    for j in range(count):
        for k in range(nz):
            t[j, k] = ts[k, j]


@njit(parallel=True, error_model="numpy")
def vertical_advection(q, w, tendency, dt, steps=1):
    nx, ny, nz = q.shape
    for _ in range(steps):
        for i in prange(nx):
            buffers = np.ones((5, nz, WIDTH))
            for j in range(0, ny, WIDTH):
                some = slice(j, min(j + WIDTH, ny))
                columns(q[i, some], w[i, some], tendency[i, some], buffers, dt)


def least_bytes(returned, q, w, tendency, dt):
    """Read three fields, write one."""
    return 4 * q.nbytes
