"""Waves on Yee's grid in a closed box, driven in the middle."""

import sys

import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 10


def waves(n, steps, courant=0.5):
    ez = np.zeros((n, n))
    hx = np.zeros((n, n - 1))
    hy = np.zeros((n - 1, n))
    for t in range(steps):
        hx -= courant * (ez[:, 1:] - ez[:, :-1])
        hy += courant * (ez[1:, :] - ez[:-1, :])
        ez[1:-1, 1:-1] += courant * (hy[1:, 1:-1] - hy[:-1, 1:-1] - hx[1:-1, 1:] + hx[1:-1, :-1])
        ez[n // 2, n // 2] = np.sin(0.1 * t)
    return ez, hx, hy


ez, hx, hy = waves(n, steps)
print(ez.sum(), abs(hx).max(), abs(hy).max())
