import numpy as np
from numba import njit


@njit(cache=True)
def mirror(u, v, n):
    for i in range(n):  # refuse: the counter of prange is unsigned
        for j in range(n):
            v[i, j] = u[-i, j]


u = np.arange(400.0).reshape(20, 20)
v = np.zeros((20, 20))
mirror(u, v, 20)  # hot: 0.9
