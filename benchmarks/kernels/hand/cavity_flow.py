"""Pressure sweeps from buffer to buffer, momentum in one pass; blocks of rows for the threads."""

import numpy as np
from numba import njit, prange


@njit(error_model="numpy")
def sources(b, rho, dt, u, v, dx, dy):
    for i in range(1, u.shape[0] - 1):
        uw, ue, un, us = u[i, :-2], u[i, 2:], u[i - 1, 1:-1], u[i + 1, 1:-1]
        vw, ve, vn, vs = v[i, :-2], v[i, 2:], v[i - 1, 1:-1], v[i + 1, 1:-1]
        out = b[i, 1:-1]
        for j in range(out.size):
            ux = (ue[j] - uw[j]) / (2 * dx)
            vy = (vs[j] - vn[j]) / (2 * dy)
            uy_vx = (us[j] - un[j]) / (2 * dy) * (ve[j] - vw[j]) / (2 * dx)
            out[j] = rho * (1 / dt * (ux + vy) - ux**2 - 2 * uy_vx - vy**2)


@njit(parallel=True, error_model="numpy")
def sweep(p, pn, b, dx2, dy2, both, factor):
    ny = p.shape[0]
    for i in prange(1, ny - 1):
        new, west, east = p[i, 1:-1], pn[i, :-2], pn[i, 2:]
        north, south, source = pn[i - 1, 1:-1], pn[i + 1, 1:-1], b[i, 1:-1]
        for j in range(new.size):
            new[j] = ((east[j] + west[j]) * dy2 + (south[j] + north[j]) * dx2) / both - factor * source[j]
        row = p[i]
        row[-1] = row[-2]
        row[0] = row[1]
    p[0, :] = p[1, :]
    p[-1, :] = 0


@njit(error_model="numpy")
def pressure(p, pn, b, dx2, dy2, sweeps):
    both = 2 * (dx2 + dy2)
    factor = dx2 * dy2 / (2 * (dx2 + dy2))
    for _ in range(sweeps // 2):
        sweep(pn, p, b, dx2, dy2, both, factor)
        sweep(p, pn, b, dx2, dy2, both, factor)
    if sweeps % 2:
        sweep(pn, p, b, dx2, dy2, both, factor)
        p[:] = pn


@njit(error_model="numpy")
def momentum(fresh, old, un, vn, p_low, p_high, dt, dx, dy, dx2, dy2, h, rho, nu, i):
    new = fresh[i, 1:-1]
    here, west, east = old[i, 1:-1], old[i, :-2], old[i, 2:]
    north, south, u, v = old[i - 1, 1:-1], old[i + 1, 1:-1], un[i, 1:-1], vn[i, 1:-1]
    for j in range(new.size):
        new[j] = (
            here[j]
            - u[j] * dt / dx * (here[j] - west[j])
            - v[j] * dt / dy * (here[j] - north[j])
            - dt / (2 * rho * h) * (p_high[j] - p_low[j])
            + nu
            * (dt / dx2 * (east[j] - 2 * here[j] + west[j]) + dt / dy2 * (south[j] - 2 * here[j] + north[j]))
        )


@njit(error_model="numpy")
def flow(steps, sweeps, u, v, p, dx, dy, dx2, dy2, dt, rho, nu):
    b = np.zeros_like(p)
    un, vn, pn = u.copy(), v.copy(), p.copy()
    for _ in range(steps):
        un, u = u, un
        vn, v = v, vn
        sources(b, rho, dt, un, vn, dx, dy)
        pressure(p, pn, b, dx2, dy2, sweeps)
        for i in range(1, p.shape[0] - 1):
            momentum(u, un, un, vn, p[i, :-2], p[i, 2:], dt, dx, dy, dx2, dy2, dx, rho, nu, i)
            momentum(v, vn, un, vn, p[i - 1, 1:-1], p[i + 1, 1:-1], dt, dx, dy, dx2, dy2, dy, rho, nu, i)
        for w in (u, v):
            w[0, :] = 0
            w[:, 0] = 0
            w[:, -1] = 0
            w[-1, :] = 0
        u[-1, :] = 1
    return u, v


def cavity_flow(steps, sweeps, u, v, p, dx, dy, dt, rho, nu):
    last_u, last_v = flow(steps, sweeps, u, v, p, dx, dy, dx**2, dy**2, dt, rho, nu)
    if steps % 2:
        u[:], v[:] = last_u, last_v
    return u, v, p


def least_bytes(returned, steps, sweeps, u, *_):
    """Read two arrays and write one each sweep; read and write two fields each step."""
    return steps * (3 * sweeps + 4) * u.nbytes
