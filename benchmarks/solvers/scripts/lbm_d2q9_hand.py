import numpy as np
from numba import njit

Nx, Ny = 60, 24
tau = 0.6
omega = 1.0/tau
nt = 140
uin = 0.05
cx = np.array([0, 1, 0, -1, 0, 1, -1, -1, 1])
cy = np.array([0, 0, 1, 0, -1, 1, 1, -1, -1])
w = np.array([4/9, 1/9, 1/9, 1/9, 1/9, 1/36, 1/36, 1/36, 1/36])
opp = np.array([0, 3, 4, 1, 2, 7, 8, 5, 6])


@njit(cache=True)
def feq(k, rho, ux, uy, cx, cy, w):
    cu = cx[k]*ux + cy[k]*uy
    return w[k]*rho*(1 + 3*cu + 4.5*cu**2 - 1.5*(ux**2+uy**2))


@njit(cache=True)
def step(f, ftmp, rho, ux, uy, solid, cx, cy, w, opp, omega, uin):
    Nx, Ny = rho.shape
    for x in range(Nx):
        for y in range(Ny):
            if solid[x, y]:
                continue
            r = 0.0
            mx = 0.0
            my = 0.0
            for k in range(9):
                r += f[k, x, y]
                mx += cx[k]*f[k, x, y]
                my += cy[k]*f[k, x, y]
            rho[x, y] = r
            ux[x, y] = mx/r
            uy[x, y] = my/r
            for k in range(9):
                f[k, x, y] += -omega*(f[k, x, y] - feq(k, r, ux[x, y], uy[x, y], cx, cy, w))
    force = 0.0
    for x in range(Nx):
        for y in range(Ny):
            if solid[x, y]:
                continue
            for k in range(9):
                xs = (x - cx[k]) % Nx
                ys = (y - cy[k]) % Ny
                if solid[xs, ys]:
                    ftmp[k, x, y] = f[opp[k], x, y]
                    force += 2*cx[opp[k]]*f[opp[k], x, y]
                else:
                    ftmp[k, x, y] = f[k, xs, ys]
    for y in range(1, Ny-1):
        for k in range(9):
            ftmp[k, 0, y] = feq(k, 1.0, uin, 0.0, cx, cy, w)
    return force


X, Y = np.meshgrid(np.arange(Nx), np.arange(Ny), indexing='ij')
solid = (X-Nx//4)**2 + (Y-Ny//2)**2 < (Ny//6)**2
solid[:, 0] = True
solid[:, Ny-1] = True
f = np.zeros((9, Nx, Ny))
for k in range(9):
    f[k] = feq(k, 1.0, uin, 0.0, cx, cy, w)
ftmp = np.zeros((9, Nx, Ny))
rho = np.ones((Nx, Ny))
ux = np.zeros((Nx, Ny))
uy = np.zeros((Nx, Ny))
drag = []
for it in range(nt):
    force = step(f, ftmp, rho, ux, uy, solid, cx, cy, w, opp, omega, uin)
    f, ftmp = ftmp, f
    drag.append(force)
    if it % 10 == 0:
        print(it, "drag %.10f" % force, "umax %.8f" % ux.max())
