# type: sweep:u numpy.ndarray float64 2
# type: sweep:line numpy.ndarray float64 1
import numpy as np


def sweep(u, steps):
    t = 0.0
    while t < 1.0:  # hot: 0.9
        for row in range(u.shape[0]):
            line = np.empty(u.shape[1])  # expect: allocation-in-loop
            line[:] = np.cumsum(u[row])
            u[row] = line / line[-1]
        t += 0.01
    return u
