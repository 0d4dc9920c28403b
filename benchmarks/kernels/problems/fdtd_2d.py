"""Transverse electric waves on Yee's grid, driven at one edge."""

import numpy as np


def initialise(nx=600, ny=700, steps=120):
    i, j = np.mgrid[0:nx, 0:ny]
    ex = i * (j + 1.0) / nx
    ey = i * (j + 2.0) / ny
    hz = i * (j + 3.0) / nx
    drive = np.arange(steps, dtype=float)
    return steps, ex, ey, hz, drive


def fdtd_2d(steps, ex, ey, hz, drive):
    for t in range(steps):
        ey[0, :] = drive[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])


if __name__ == "__main__":
    steps, ex, ey, hz, drive = initialise(steps=2700)
    fdtd_2d(steps, ex, ey, hz, drive)
    for name, field in (("ex", ex), ("ey", ey), ("hz", hz)):
        print(name, field.sum(), abs(field).max())
