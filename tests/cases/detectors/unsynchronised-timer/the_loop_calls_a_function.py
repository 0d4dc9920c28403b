# type: u cupy.ndarray float64 1
import time

import cupy as cp


def advanced(u):
    return u + 0.1 * (cp.roll(u, 1) - 2 * u + cp.roll(u, -1))


u = cp.linspace(0.0, 1.0, 1000) ** 2
start = time.perf_counter()
for step in range(1000):  # hot: 0.9
    u = advanced(u)
elapsed_s = time.perf_counter() - start  # expect: unsynchronised-timer
