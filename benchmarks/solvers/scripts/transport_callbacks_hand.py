# advection-diffusion-reaction with user supplied source, boundary function and scheme option
import numpy as np
from numba import njit

k = 2.0


@njit(cache=True)
def source(x, y, t, c, k):
    return 5*np.exp(-((x-0.5)**2+(y-0.5)**2)*50) - k*c


@njit(cache=True)
def step(c, cn, x, y, t, a, b, D, dx, dy, dt, upwind, k):
    nx, ny = c.shape
    cn[:, :] = c
    for i in range(1, nx-1):
        for j in range(1, ny-1):
            if upwind:
                adv = a*(cn[i, j]-cn[i-1, j])/dx + b*(cn[i, j]-cn[i, j-1])/dy
            else:
                adv = a*(cn[i+1, j]-cn[i-1, j])/(2*dx) + b*(cn[i, j+1]-cn[i, j-1])/(2*dy)
            diff = D*((cn[i+1, j]-2*cn[i, j]+cn[i-1, j])/dx**2 + (cn[i, j+1]-2*cn[i, j]+cn[i, j-1])/dy**2)
            c[i, j] = cn[i, j] + dt*(-adv + diff + source(x[i], y[j], t, cn[i, j], k))


def solve(nx, ny, T, velocity, D, bc, scheme='upwind', verbose=True):
    Lx, Ly = 1.0, 1.0
    dx = Lx/(nx-1)
    dy = Ly/(ny-1)
    a, b = velocity
    dt = 0.2*min(dx/abs(a), dx*dx/(4*D))
    nt = int(T/dt)
    x = np.linspace(0, Lx, nx)
    y = np.linspace(0, Ly, ny)
    c = np.zeros((nx, ny))
    bc(c, x, y, 0.0)
    cn = c.copy()
    for n in range(nt):
        t = n*dt
        step(c, cn, x, y, t, a, b, D, dx, dy, dt, scheme == 'upwind', k)
        bc(c, x, y, t+dt)
        if verbose and n % 100 == 0:
            print(scheme, n, round(t, 6), c.sum())
    return x, y, c

@njit(cache=True)
def boundary(c, x, y, t):
    for j in range(len(y)):
        c[0, j] = np.sin(np.pi*y[j])
        c[-1, j] = c[-2, j]
    for i in range(len(x)):
        c[i, 0] = 0.0
        c[i, -1] = 0.0


results = {}
for s in ['upwind', 'central']:
    x, y, results[s] = solve(41, 41, 0.3, (1.0, 0.5), 0.05, boundary, scheme=s)
print('difference of the schemes:', np.abs(results['upwind']-results['central']).max())
