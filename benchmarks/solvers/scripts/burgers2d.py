# coupled 2D Burgers, first order upwind with sign test
import numpy as np
import math

nx = 61
ny = 61
nt = 460
nu = 0.005
dx = 2.0/(nx-1)
dy = 2.0/(ny-1)
dt = 0.2*dx

u = np.zeros((nx, ny))
v = np.zeros((nx, ny))
for i in range(nx):
    for j in range(ny):
        xx = i*dx - 1
        yy = j*dy - 1
        u[i, j] = math.exp(-8*(xx**2+yy**2))
        v[i, j] = -0.5*math.sin(math.pi*xx)*math.sin(math.pi*yy)

mom = []
for n in range(nt+1):
    un = u.copy()
    vn = v.copy()
    for i in range(1, nx-1):
        for j in range(1, ny-1):
            if un[i, j] > 0:
                ux = (un[i, j]-un[i-1, j])/dx
                vx = (vn[i, j]-vn[i-1, j])/dx
            else:
                ux = (un[i+1, j]-un[i, j])/dx
                vx = (vn[i+1, j]-vn[i, j])/dx
            if vn[i, j] > 0:
                uy = (un[i, j]-un[i, j-1])/dy
                vy = (vn[i, j]-vn[i, j-1])/dy
            else:
                uy = (un[i, j+1]-un[i, j])/dy
                vy = (vn[i, j+1]-vn[i, j])/dy
            lapu = (un[i+1, j]-2*un[i, j]+un[i-1, j])/dx**2 + (un[i, j+1]-2*un[i, j]+un[i, j-1])/dy**2
            lapv = (vn[i+1, j]-2*vn[i, j]+vn[i-1, j])/dx**2 + (vn[i, j+1]-2*vn[i, j]+vn[i, j-1])/dy**2
            u[i, j] = un[i, j] - dt*(un[i, j]*ux + vn[i, j]*uy) + nu*dt*lapu
            v[i, j] = vn[i, j] - dt*(un[i, j]*vx + vn[i, j]*vy) + nu*dt*lapv
    # zero-gradient
    u[0, :] = u[1, :]; u[-1, :] = u[-2, :]
    u[:, 0] = u[:, 1]; u[:, -1] = u[:, -2]
    v[0, :] = v[1, :]; v[-1, :] = v[-2, :]
    v[:, 0] = v[:, 1]; v[:, -1] = v[:, -2]
    mom.append(np.sum(u)*dx*dy)
    if n % 50 == 0:
        print(f"n={n} momentum={mom[-1]:.10f}")

np.savetxt("burgers_u.txt", u)
