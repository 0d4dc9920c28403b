# Lattice Boltzmann D2Q9, channel flow past a cylinder (plain loops)
import numpy as np

Nx, Ny = 60, 24
tau = 0.6
omega = 1.0/tau
nt = 140
uin = 0.05

cx = [0, 1, 0, -1, 0, 1, -1, -1, 1]
cy = [0, 0, 1, 0, -1, 1, 1, -1, -1]
w = [4/9, 1/9, 1/9, 1/9, 1/9, 1/36, 1/36, 1/36, 1/36]
opp = [0, 3, 4, 1, 2, 7, 8, 5, 6]

solid = np.zeros((Nx, Ny), dtype=bool)
for x in range(Nx):
    for y in range(Ny):
        if (x-Nx//4)**2 + (y-Ny//2)**2 < (Ny//6)**2:
            solid[x, y] = True
solid[:, 0] = True
solid[:, Ny-1] = True

def feq(k, rho, ux, uy):
    cu = cx[k]*ux + cy[k]*uy
    return w[k]*rho*(1 + 3*cu + 4.5*cu**2 - 1.5*(ux**2+uy**2))

f = np.zeros((9, Nx, Ny))
for k in range(9):
    f[k] = feq(k, 1.0, uin, 0.0)
ftmp = np.zeros((9, Nx, Ny))
rho = np.ones((Nx, Ny))
ux = np.zeros((Nx, Ny))
uy = np.zeros((Nx, Ny))

drag = []
for it in range(nt):
    # macroscopic + collision
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
                f[k, x, y] += -omega*(f[k, x, y] - feq(k, r, ux[x, y], uy[x, y]))
    # streaming with bounce back
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
    # inflow
    for y in range(1, Ny-1):
        for k in range(9):
            ftmp[k, 0, y] = feq(k, 1.0, uin, 0.0)
    f, ftmp = ftmp, f
    drag.append(force)
    if it % 10 == 0:
        print(it, "drag %.10f" % force, "umax %.8f" % ux.max())
