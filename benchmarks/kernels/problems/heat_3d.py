"""Heat in a cube, explicit steps to and fro between two arrays."""

import numpy as np


def initialise(n=70, steps=60):
    i, j, k = np.mgrid[0:n, 0:n, 0:n]
    a = (i + j + (n - k)) * 10.0 / n
    return steps, a, a.copy()


def spread(new, old):
    new[1:-1, 1:-1, 1:-1] = (
        0.125 * (old[2:, 1:-1, 1:-1] - 2.0 * old[1:-1, 1:-1, 1:-1] + old[:-2, 1:-1, 1:-1])
        + 0.125 * (old[1:-1, 2:, 1:-1] - 2.0 * old[1:-1, 1:-1, 1:-1] + old[1:-1, :-2, 1:-1])
        + 0.125 * (old[1:-1, 1:-1, 2:] - 2.0 * old[1:-1, 1:-1, 1:-1] + old[1:-1, 1:-1, :-2])
        + old[1:-1, 1:-1, 1:-1]
    )


def heat_3d(steps, a, b):
    for _ in range(steps):
        spread(b, a)
        spread(a, b)


if __name__ == "__main__":
    steps, a, b = initialise(steps=1200)
    heat_3d(steps, a, b)
    print("a", a.sum(), "b", b.sum())
