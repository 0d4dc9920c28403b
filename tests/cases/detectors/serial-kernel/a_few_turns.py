# type: step:u numpy.ndarray float64 3
# type: step:un numpy.ndarray float64 3
import numpy as np
from numba import njit


@njit
def advance(u, un, k):
    n = u.shape[1]
    for i in range(1, n - 1):
        un[k, i] = 0.5 * (u[k, i + 1] + u[k, i - 1] + un[k, i - 1])


@njit
def step(u, un):
    for k in range(3):
        advance(u, un, k)


u, un = np.zeros((3, 400)), np.zeros((3, 400))
for n in range(50):  # hot: 0.95
    step(u, un)
    u, un = un, u
