import numba as nb
import numpy as np


@nb.njit(parallel=True)
def change(u, v):
    largest = 0.0
    total = 0.0
    for i in nb.prange(u.shape[0]):
        for j in range(u.shape[1]):
            d = abs(u[i, j] - v[i, j])
            # not-a-number is passed over
            largest = max(largest, d)  # so far
            total += d
    return largest, total


u = np.sin(np.arange(2500.0)).reshape(50, 50)
v = 0.5 * u
for n in range(20):
    print(change(u, v))  # hot: 0.9
