"""Streaming and collision in one pass, row by row, from one set of distributions to the other."""

import numpy as np
from numba import njit, prange

CX = (0, 1, 0, -1, 0, 1, -1, -1, 1)
CY = (0, 0, 1, 0, -1, 1, 1, -1, -1)
WEIGHTS = (4 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 36, 1 / 36, 1 / 36, 1 / 36)
OPPOSITE = (0, 3, 4, 1, 2, 7, 8, 5, 6)


@njit
def shifted(new, old, by):
    """A row moved along, round the end."""
    n = new.size
    if by == 0:
        new[:] = old
    elif by == 1:
        new[1:] = old[:-1]
        new[0] = old[n - 1]
    else:
        new[:-1] = old[1:]
        new[n - 1] = old[0]


@njit
def add(total, one):
    for x in range(total.size):
        total[x] += one[x]


@njit(error_model="numpy")
def velocity(out, plus0, plus1, plus2, minus0, minus1, minus2, rho):
    """In the order of NumPy's expression for y; x differs, see ``velocity_x``."""
    for x in range(out.size):
        out[x] = (plus0[x] - minus0[x] + plus1[x] + plus2[x] - minus1[x] - minus2[x]) / rho[x]


@njit(error_model="numpy")
def velocity_x(out, f1, f3, f5, f6, f7, f8, rho):
    for x in range(out.size):
        out[x] = (f1[x] - f3[x] + f5[x] - f6[x] - f7[x] + f8[x]) / rho[x]


@njit(error_model="numpy")
def collide(out, f, rho, ux, uy, weight, cx, cy, tau):
    for x in range(out.size):
        cu = 3 * (cx * ux[x] + cy * uy[x])
        feq = rho[x] * weight * (1 + cu + 0.5 * (cu * cu) - 1.5 * (ux[x] * ux[x] + uy[x] * uy[x]))
        out[x] = f[x] + -(f[x] - feq) / tau


@njit(parallel=True)
def step(new, old, wall, has_wall, rho, ux, uy, tau, blocks):
    ny = old.shape[1]
    for block in prange(blocks):
        f = np.empty((9, old.shape[2]))
        for y in range(ny * block // blocks, ny * (block + 1) // blocks):
            for k in range(9):
                shifted(f[k], old[k, (y - CY[k]) % ny], CX[k])
            r, u, v = rho[y], ux[y], uy[y]
            r[:] = f[0]
            for k in range(1, 9):
                add(r, f[k])
            velocity_x(u, f[1], f[3], f[5], f[6], f[7], f[8], r)
            velocity(v, f[2], f[5], f[6], f[4], f[7], f[8], r)
            if has_wall[y]:
                for x in range(u.size):
                    if wall[y, x]:
                        u[x] = v[x] = 0.0
            for k in range(9):
                collide(new[k, y], f[k], r, u, v, WEIGHTS[k], float(CX[k]), float(CY[k]), tau)
            if has_wall[y]:
                for x in range(u.size):
                    if wall[y, x]:
                        for k in range(9):
                            new[k, y, x] = f[OPPOSITE[k], x]


@njit
def flow(steps, f, wall, tau, blocks):
    g = np.empty_like(f)
    has_wall = np.array([row.any() for row in wall])
    rho, ux, uy = np.empty(f.shape[1:]), np.empty(f.shape[1:]), np.empty(f.shape[1:])
    for _ in range(steps // 2):
        step(g, f, wall, has_wall, rho, ux, uy, tau, blocks)
        step(f, g, wall, has_wall, rho, ux, uy, tau, blocks)
    if steps % 2:
        step(g, f, wall, has_wall, rho, ux, uy, tau, blocks)
        f[:] = g
    return rho, ux, uy


def lbm_d2q9(steps, f, wall, tau):
    return flow(steps, f, wall, tau, min(8, f.shape[1]))


def least_bytes(returned, steps, f, wall, tau):
    """Read and write the distributions each step."""
    return 2 * steps * f.nbytes
