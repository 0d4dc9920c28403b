"""Advection-diffusion of a puff, written as people do at first."""
import numpy as np

nx, ny = 40, 30
dx = 1.0 / nx
nu, cx, cy = 0.002, 0.6, 0.3
dt = 0.2 * dx
c = np.zeros((nx, ny))
c[8:14, 8:14] = 1.0
mass = []
for step in range(60):
    cn = c.copy()
    for i in range(1, nx - 1):
        for j in range(1, ny - 1):
            adv = cx * (cn[i, j] - cn[i - 1, j]) / dx + cy * (cn[i, j] - cn[i, j - 1]) / dx
            dif = nu * (cn[i + 1, j] + cn[i - 1, j] + cn[i, j + 1] + cn[i, j - 1] - 4 * cn[i, j]) / dx**2
            c[i, j] = cn[i, j] + dt * (dif - adv)
    mass.append(c.sum() * dx * dx)
    if step % 20 == 0:
        print("step", step, "mass", round(mass[-1], 12))
peak = c.max()
print("peak %.10f at %s" % (peak, np.unravel_index(c.argmax(), c.shape)))
