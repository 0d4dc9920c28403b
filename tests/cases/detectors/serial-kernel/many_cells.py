import numpy as np
from numba import njit


@njit(cache=True)
def energy(c, dx):
    e = 0.0
    for i in range(len(c)):  # expect: serial-kernel
        g = (c[(i + 1) % len(c)] - c[i]) / dx
        e += dx * (0.25 * (c[i] ** 2 - 1) ** 2 + 0.5 * abs(g) ** 2)
    return e


c = np.zeros(400000)
for n in range(1000):  # hot: 0.95  fact: shape 400000
    energy(c, 0.1)
