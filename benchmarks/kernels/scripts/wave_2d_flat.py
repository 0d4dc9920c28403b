"""A drop on a pond: leapfrog at module level, three arrays in turn, a sponge at the rim."""

import numpy as np

n = 400
c = 1.0
h = 1.0 / n
dt = 0.5 * h / c
x = np.linspace(0, 1, n)
X, Y = np.meshgrid(x, x)
u_prev = np.exp(-500 * ((X - 0.5) ** 2 + (Y - 0.4) ** 2))
u = u_prev.copy()
sponge = 1 - 0.05 * np.maximum(0, np.maximum(abs(X - 0.5), abs(Y - 0.5)) - 0.45) / 0.05
r2 = (c * dt / h) ** 2
energy = 0.0

for step in range(200):
    lap = np.zeros_like(u)
    lap[1:-1, 1:-1] = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4 * u[1:-1, 1:-1]
    u_next = 2 * u - u_prev + r2 * lap
    u_next *= sponge
    u_prev = u
    u = u_next
    if step % 50 == 0:
        energy = np.sum((u - u_prev) ** 2) / dt**2
        print(step, energy)

print("u", u.sum(), abs(u).max())
