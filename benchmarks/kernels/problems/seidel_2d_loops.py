"""Gauss-Seidel smoothing with nine points, cell by cell."""

import numpy as np


def initialise(n=100, sweeps=20):
    i, j = np.mgrid[0:n, 0:n]
    return sweeps, (i * (j + 2.0) + 2.0) / n


def seidel_2d(sweeps, a):
    n = a.shape[0]
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                above = a[i - 1, j - 1] + a[i - 1, j] + a[i - 1, j + 1]
                later = a[i + 1, j - 1] + a[i + 1, j] + a[i + 1, j + 1]
                a[i, j] = (above + a[i, j - 1] + a[i, j] + a[i, j + 1] + later) / 9.0


if __name__ == "__main__":
    sweeps, a = initialise(sweeps=250)
    seidel_2d(sweeps, a)
    print("a", a.sum(), abs(a).max())
