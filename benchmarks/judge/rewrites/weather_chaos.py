"""Lorenz's ring of forty sites, far beyond the time that can be forecast."""

import numpy as np


def slope(x, F):
    return (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - x + F


F = 8.0
dt = 0.02
x = F * np.ones(40)
x[19] += 0.01
climate = np.zeros(40)
nt = 2400
for it in range(nt):
    k1 = slope(x, F)
    k2 = slope(x + 0.5 * dt * k1, F)
    k3 = slope(x + 0.5 * dt * k2, F)
    k4 = slope(x + dt * k3, F)
    x = x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    climate += x / nt
print("mean", climate.mean(), "spread", x.std())
