"""Transverse electric waves on Yee's grid, driven at one edge, cell by cell."""

import numpy as np


def initialise(nx=60, ny=70, steps=30):
    i, j = np.mgrid[0:nx, 0:ny]
    return steps, i * (j + 1.0) / nx, i * (j + 2.0) / ny, i * (j + 3.0) / nx, np.arange(steps, dtype=float)


def fdtd_2d(steps, ex, ey, hz, drive):
    nx, ny = hz.shape
    for t in range(steps):
        for j in range(ny):
            ey[0, j] = drive[t]
        for i in range(1, nx):
            for j in range(ny):
                ey[i, j] -= 0.5 * (hz[i, j] - hz[i - 1, j])
        for i in range(nx):
            for j in range(1, ny):
                ex[i, j] -= 0.5 * (hz[i, j] - hz[i, j - 1])
        for i in range(nx - 1):
            for j in range(ny - 1):
                hz[i, j] -= 0.7 * (ex[i, j + 1] - ex[i, j] + ey[i + 1, j] - ey[i, j])


if __name__ == "__main__":
    steps, ex, ey, hz, drive = initialise(steps=600)
    fdtd_2d(steps, ex, ey, hz, drive)
    for name, field in (("ex", ex), ("ey", ey), ("hz", hz)):
        print(name, field.sum(), abs(field).max())
