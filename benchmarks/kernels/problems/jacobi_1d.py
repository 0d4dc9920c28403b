"""Jacobi smoothing of a rod, two half steps at a time."""

import numpy as np


def initialise(n=16000, steps=8000):
    x = np.arange(n)
    return steps, (x + 2.0) / n, (x + 3.0) / n


def jacobi_1d(steps, a, b):
    for _ in range(steps):
        b[1:-1] = 0.33333 * (a[:-2] + a[1:-1] + a[2:])
        a[1:-1] = 0.33333 * (b[:-2] + b[1:-1] + b[2:])


if __name__ == "__main__":
    steps, a, b = initialise(steps=200000)
    jacobi_1d(steps, a, b)
    print("a", a.sum(), "b", b.sum())
