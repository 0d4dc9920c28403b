"""Heat in a cube, cell by cell."""

import numpy as np


def initialise(n=26, steps=10):
    i, j, k = np.mgrid[0:n, 0:n, 0:n]
    a = (i + j + (n - k)) * 10.0 / n
    return steps, a, a.copy()


def spread(new, old):
    n = old.shape[0]
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            for k in range(1, n - 1):
                new[i, j, k] = (
                    0.125 * (old[i + 1, j, k] - 2.0 * old[i, j, k] + old[i - 1, j, k])
                    + 0.125 * (old[i, j + 1, k] - 2.0 * old[i, j, k] + old[i, j - 1, k])
                    + 0.125 * (old[i, j, k + 1] - 2.0 * old[i, j, k] + old[i, j, k - 1])
                    + old[i, j, k]
                )


def heat_3d(steps, a, b):
    for _ in range(steps):
        spread(b, a)
        spread(a, b)


if __name__ == "__main__":
    steps, a, b = initialise(steps=80)
    heat_3d(steps, a, b)
    print("a", a.sum(), "b", b.sum())
