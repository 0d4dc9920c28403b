import numpy as np


def njit(function):
    return function


@njit
def step(u, un, n):
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            un[i, j] = u[i + 1, j]


u = np.zeros((100, 100))
un = u.copy()
step(u, un, 100)  # hot: 0.9
