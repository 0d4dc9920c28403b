# type: solve:u numpy.ndarray float64 1
# type: solve:r numpy.ndarray float64 1
# type: solve:n int
import numpy as np


def solve(u, n):
    if n < 1:
        return u
    r = np.zeros(u.size)
    for step in range(n):  # hot: 0.9
        r.fill(0)
        r[1:-1] = u[2:] - u[:-2]
        u[:] = np.fft.irfft(np.fft.rfft(r + u), u.size)
    return r


print(solve(np.sin(np.arange(32.0)), 10).sum())
