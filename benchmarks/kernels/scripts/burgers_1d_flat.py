"""Viscous Burgers on a ring until it has calmed down, at module level with np.roll."""

import numpy as np

N = 4000
L = 2 * np.pi
x = np.linspace(0, L, N, endpoint=False)
dx = x[1] - x[0]
nu = 0.02
u = np.sin(x) + 0.5 * np.sin(2 * x + 0.3)
t = 0.0
steps = 0
while np.max(np.abs(u)) > 0.9 and steps < 8000:
    dt = min(0.4 * dx / np.max(np.abs(u)), 0.2 * dx**2 / nu)
    flux = 0.5 * u**2
    up, um = np.roll(u, -1), np.roll(u, 1)
    fp, fm = np.roll(flux, -1), np.roll(flux, 1)
    a = np.maximum(np.abs(u), np.abs(up))
    right = 0.5 * (flux + fp) - 0.5 * a * (up - u)
    left = np.roll(right, 1)
    u = u - dt / dx * (right - left) + nu * dt / dx**2 * (up - 2 * u + um)
    t += dt
    steps += 1

print("t", t, "steps", steps)
print("u", u.sum(), u.min(), u.max())
