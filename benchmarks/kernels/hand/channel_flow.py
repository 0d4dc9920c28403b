"""As the cavity, periodic along x; sums in the order of NumPy, so that it stops at the same step."""

import numpy as np
from numba import njit


@njit
def pairwise_sum(a):
    """NumPy's order of additions for a contiguous array."""
    n = a.size
    if n < 8:
        total = -0.0
        for i in range(n):
            total += a[i]
        return total
    if n > 128:
        half = n // 2
        half -= half % 8
        return pairwise_sum(a[:half]) + pairwise_sum(a[half:])
    r0, r1, r2, r3, r4, r5, r6, r7 = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
    whole = n - n % 8
    for i in range(8, whole, 8):
        r0 += a[i]
        r1 += a[i + 1]
        r2 += a[i + 2]
        r3 += a[i + 3]
        r4 += a[i + 4]
        r5 += a[i + 5]
        r6 += a[i + 6]
        r7 += a[i + 7]
    total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for i in range(whole, n):
        total += a[i]
    return total


@njit
def wrap(w):
    """Fill the two columns outside."""
    for i in range(w.shape[0]):
        w[i, 0] = w[i, -2]
        w[i, -1] = w[i, 1]


@njit(error_model="numpy")
def sources(b, rho, dt, u, v, dx, dy):
    for i in range(1, u.shape[0] - 1):
        uw, ue, un, us = u[i, :-2], u[i, 2:], u[i - 1, 1:-1], u[i + 1, 1:-1]
        vw, ve, vn, vs = v[i, :-2], v[i, 2:], v[i - 1, 1:-1], v[i + 1, 1:-1]
        out = b[i]
        for j in range(out.size):
            ux = (ue[j] - uw[j]) / (2 * dx)
            vx = (ve[j] - vw[j]) / (2 * dx)
            uy = (us[j] - un[j]) / (2 * dy)
            vy = (vs[j] - vn[j]) / (2 * dy)
            out[j] = rho * ((ux + vy) / dt - ux**2 - 2 * uy * vx - vy**2)


@njit(error_model="numpy")
def sweep(p, pn, b, dx2, dy2):
    factor = dx2 * dy2
    both = 2 * (dx2 + dy2)
    for i in range(1, p.shape[0] - 1):
        new, west, east = p[i, 1:-1], pn[i, :-2], pn[i, 2:]
        north, south, source = pn[i - 1, 1:-1], pn[i + 1, 1:-1], b[i]
        for j in range(new.size):
            new[j] = ((east[j] + west[j]) * dy2 + (south[j] + north[j]) * dx2 - factor * source[j]) / both
        p[i, 0] = p[i, -2]
        p[i, -1] = p[i, 1]
    p[-1, :] = p[-2, :]
    p[0, :] = p[1, :]


@njit(error_model="numpy")
def momentum(new, old, un, vn, p_low, p_high, dt, dx, dy, dx2, dy2, h, rho, nu, push, i):
    out = new[i, 1:-1]
    here, west, east = old[i, 1:-1], old[i, :-2], old[i, 2:]
    north, south, u, v = old[i - 1, 1:-1], old[i + 1, 1:-1], un[i, 1:-1], vn[i, 1:-1]
    for j in range(out.size):
        c = here[j]
        moved = (
            c
            - u[j] * dt / dx * (c - west[j])
            - v[j] * dt / dy * (c - north[j])
            + nu * (dt / dx2 * (east[j] - 2 * c + west[j]) + dt / dy2 * (south[j] - 2 * c + north[j]))
        )
        out[j] = moved - dt / (2 * rho * h) * (p_high[j] - p_low[j]) + push


@njit(error_model="numpy")
def flow(sweeps, u0, v0, p0, dx, dy, dx2, dy2, dt, rho, nu, force, tolerance):
    ny, nx = u0.shape
    u, v, p = np.zeros((ny, nx + 2)), np.zeros((ny, nx + 2)), np.zeros((ny, nx + 2))
    u[:, 1:-1], v[:, 1:-1], p[:, 1:-1] = u0, v0, p0
    un, vn, pn = u.copy(), v.copy(), p.copy()
    b = np.zeros((ny, nx))
    wrap(u)
    wrap(v)
    wrap(p)
    change = 1.0
    steps = 0
    total = pairwise_sum(u0.ravel())
    while change > tolerance:
        un, u = u, un
        vn, v = v, vn
        sources(b, rho, dt, un, vn, dx, dy)
        for _ in range(sweeps // 2):
            sweep(pn, p, b, dx2, dy2)
            sweep(p, pn, b, dx2, dy2)
        if sweeps % 2:
            sweep(pn, p, b, dx2, dy2)
            pn, p = p, pn
        for i in range(1, ny - 1):
            momentum(u, un, un, vn, p[i, :-2], p[i, 2:], dt, dx, dy, dx2, dy2, dx, rho, nu, force * dt, i)
            low, high = p[i - 1, 1:-1], p[i + 1, 1:-1]
            momentum(v, vn, un, vn, low, high, dt, dx, dy, dx2, dy2, dy, rho, nu, -0.0, i)
        for w in (u, v):
            w[0, :] = 0
            w[-1, :] = 0
            wrap(w)
        u0[:, :] = u[:, 1:-1]
        before, total = total, pairwise_sum(u0.ravel())
        change = (total - before) / total
        steps += 1
    v0[:, :] = v[:, 1:-1]
    p0[:, :] = p[:, 1:-1]
    return steps


def channel_flow(sweeps, u, v, p, dx, dy, dt, rho, nu, force, tolerance):
    steps = flow(sweeps, u, v, p, dx, dy, dx**2, dy**2, dt, rho, nu, force, tolerance)
    return steps, u, v, p


def least_bytes(returned, sweeps, u, *_):
    """Read two arrays and write one each sweep; read and write two fields each step."""
    return returned[0] * (3 * sweeps + 4) * u.nbytes
