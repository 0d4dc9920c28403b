import numpy as np
from numba import njit


@njit(cache=True)
def smooth(a, b, n):
    """One pass of a three-point mean in each row."""
    for i in range(n):
        for j in range(1, n - 1):
            b[i, j] = (a[i, j - 1] + a[i, j] + a[i, j + 1]) / 3.0


@njit(cache=True)
def run(a, b, n, passes):
    for k in range(passes):
        smooth(a, b, n)
        a, b = b, a
    return a


a = np.cos(np.arange(900.0)).reshape(30, 30)
b = a.copy()
result = run(a, b, 30, 7)  # hot: 0.98
