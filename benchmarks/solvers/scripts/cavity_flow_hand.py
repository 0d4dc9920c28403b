"""
Lid driven cavity, after the 12 steps to Navier-Stokes, but with loops.
"""
import numpy as np
from numba import njit

@njit(cache=True)
def build_up_b(b, rho, dt, u, v, dx, dy):
    ny, nx = u.shape
    for j in range(1, ny-1):
        for i in range(1, nx-1):
            b[j, i] = (rho * (1 / dt *
                       ((u[j, i+1] - u[j, i-1]) / (2 * dx) + (v[j+1, i] - v[j-1, i]) / (2 * dy)) -
                       ((u[j, i+1] - u[j, i-1]) / (2 * dx))**2 -
                       2 * ((u[j+1, i] - u[j-1, i]) / (2 * dy) *
                            (v[j, i+1] - v[j, i-1]) / (2 * dx)) -
                       ((v[j+1, i] - v[j-1, i]) / (2 * dy))**2))
    return b


@njit(cache=True)
def pressure_poisson(p, dx, dy, b, nit):
    ny, nx = p.shape
    pn = np.empty_like(p)
    pn = p.copy()
    for q in range(nit):
        pn = p.copy()
        for j in range(1, ny-1):
            for i in range(1, nx-1):
                p[j, i] = (((pn[j, i+1] + pn[j, i-1]) * dy**2 +
                            (pn[j+1, i] + pn[j-1, i]) * dx**2) /
                           (2 * (dx**2 + dy**2)) -
                           dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[j, i])
        p[:, -1] = p[:, -2]  # dp/dx = 0 at x = 2
        p[0, :] = p[1, :]    # dp/dy = 0 at y = 0
        p[:, 0] = p[:, 1]    # dp/dx = 0 at x = 0
        p[-1, :] = 0         # p = 0 at y = 2
    return p


@njit(cache=True)
def cavity_flow(nt, u, v, dt, dx, dy, p, rho, nu, nit):
    un = np.empty_like(u)
    vn = np.empty_like(v)
    b = np.zeros(u.shape)
    ny, nx = u.shape

    for n in range(nt):
        un = u.copy()
        vn = v.copy()

        b = build_up_b(b, rho, dt, u, v, dx, dy)
        p = pressure_poisson(p, dx, dy, b, nit)

        for j in range(1, ny-1):
            for i in range(1, nx-1):
                u[j, i] = (un[j, i] -
                           un[j, i] * dt / dx * (un[j, i] - un[j, i-1]) -
                           vn[j, i] * dt / dy * (un[j, i] - un[j-1, i]) -
                           dt / (2 * rho * dx) * (p[j, i+1] - p[j, i-1]) +
                           nu * (dt / dx**2 * (un[j, i+1] - 2 * un[j, i] + un[j, i-1]) +
                                 dt / dy**2 * (un[j+1, i] - 2 * un[j, i] + un[j-1, i])))
                v[j, i] = (vn[j, i] -
                           un[j, i] * dt / dx * (vn[j, i] - vn[j, i-1]) -
                           vn[j, i] * dt / dy * (vn[j, i] - vn[j-1, i]) -
                           dt / (2 * rho * dy) * (p[j+1, i] - p[j-1, i]) +
                           nu * (dt / dx**2 * (vn[j, i+1] - 2 * vn[j, i] + vn[j, i-1]) +
                                 dt / dy**2 * (vn[j+1, i] - 2 * vn[j, i] + vn[j-1, i])))

        u[0, :] = 0
        u[:, 0] = 0
        u[:, -1] = 0
        u[-1, :] = 1    # set velocity on cavity lid equal to 1
        v[0, :] = 0
        v[-1, :] = 0
        v[:, 0] = 0
        v[:, -1] = 0

    return u, v, p


nx = 41
ny = 41
nit = 30
dx = 2 / (nx - 1)
dy = 2 / (ny - 1)
rho = 1
nu = .1
dt = .001

u = np.zeros((ny, nx))
v = np.zeros((ny, nx))
p = np.zeros((ny, nx))
nt = 140
u, v, p = cavity_flow(nt, u, v, dt, dx, dy, p, rho, nu, nit)
print('max |v| =', np.abs(v).max())
print('p range', p.min(), p.max())
