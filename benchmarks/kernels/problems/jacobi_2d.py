"""Jacobi smoothing of a square sheet, two half steps at a time."""

import numpy as np


def initialise(n=700, steps=150):
    i, j = np.mgrid[0:n, 0:n]
    a = i * (j + 2.0) / n
    b = i * (j + 3.0) / n
    return steps, a, b


def jacobi_2d(steps, a, b):
    for _ in range(steps):
        b[1:-1, 1:-1] = 0.2 * (a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1])
        a[1:-1, 1:-1] = 0.2 * (b[1:-1, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:] + b[2:, 1:-1] + b[:-2, 1:-1])


if __name__ == "__main__":
    steps, a, b = initialise(steps=2700)
    jacobi_2d(steps, a, b)
    print("a", a.sum(), abs(a).max())
    print("b", b.sum(), abs(b).max())
