"""Water seeping into dry soil (Richards' equation): Picard iterations with a banded solver; counts are printed."""

import numpy as np
from scipy.linalg import solve_banded

n, depth, dt, steps = 60, 1.0, 0.004, 12
h = depth / n
psi = np.full(n, -2.0)


def conductivity(psi):
    return 1.0 / (1.0 + np.abs(psi) ** 3)


def content(psi):
    return 0.1 + 0.3 / (1.0 + psi**2)


def capacity(psi):
    return -0.6 * psi / (1.0 + psi**2) ** 2 + 1e-3


counts, water = [], []
for step in range(steps):
    old = content(psi)
    guess = psi.copy()
    for iteration in range(100):
        k = conductivity(guess)
        face = np.empty(n + 1)
        face[0] = 1.0
        for i in range(1, n):
            face[i] = 0.5 * (k[i] + k[i - 1])
        face[n] = k[n - 1]
        c = capacity(guess)
        bands = np.zeros((3, n))
        right = np.empty(n)
        for i in range(n):
            up = face[i] / h**2 * (2.0 if i == 0 else 1.0)
            down = face[i + 1] / h**2 if i < n - 1 else 0.0
            bands[1, i] = c[i] / dt + up + down
            if i > 0:
                bands[2, i - 1] = -up
            if i < n - 1:
                bands[0, i + 1] = -down
            right[i] = c[i] / dt * guess[i] - (content(guess[i]) - old[i]) / dt - (face[i + 1] - face[i]) / h
        fresh = solve_banded((1, 1), bands, right)
        moved = np.abs(fresh - guess).max()
        guess = fresh
        if moved < 1e-7:
            break
    psi = guess
    counts.append(iteration + 1)
    water.append(content(psi).sum() * h)
print("iterations", sum(counts), "water", water[-1], "front", psi.min(), psi.max())
