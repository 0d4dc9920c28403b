"""Jacobi smoothing of a square sheet, cell by cell."""

import numpy as np


def initialise(n=80, steps=20):
    a = np.zeros((n, n))
    b = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            a[i, j] = i * (j + 2.0) / n
            b[i, j] = i * (j + 3.0) / n
    return steps, a, b


def jacobi_2d(steps, a, b):
    n = a.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                b[i, j] = 0.2 * (a[i, j] + a[i, j - 1] + a[i, j + 1] + a[i + 1, j] + a[i - 1, j])
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                a[i, j] = 0.2 * (b[i, j] + b[i, j - 1] + b[i, j + 1] + b[i + 1, j] + b[i - 1, j])


if __name__ == "__main__":
    steps, a, b = initialise(steps=500)
    jacobi_2d(steps, a, b)
    print("a", a.sum(), abs(a).max())
    print("b", b.sum(), abs(b).max())
