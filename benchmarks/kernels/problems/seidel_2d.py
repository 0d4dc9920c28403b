"""Gauss-Seidel smoothing with nine points: each row as an array, then in order along the row."""

import numpy as np


def initialise(n=200, sweeps=30):
    i, j = np.mgrid[0:n, 0:n]
    return sweeps, (i * (j + 2.0) + 2.0) / n


def seidel_2d(sweeps, a):
    n = a.shape[0]
    for _ in range(sweeps):
        for i in range(1, n - 1):
            a[i, 1:-1] += (
                a[i - 1, :-2]
                + a[i - 1, 1:-1]
                + a[i - 1, 2:]
                + a[i, 2:]
                + a[i + 1, :-2]
                + a[i + 1, 1:-1]
                + a[i + 1, 2:]
            )
            for j in range(1, n - 1):
                a[i, j] += a[i, j - 1]
                a[i, j] /= 9.0


if __name__ == "__main__":
    sweeps, a = initialise(sweeps=200)
    seidel_2d(sweeps, a)
    print("a", a.sum(), abs(a).max())
