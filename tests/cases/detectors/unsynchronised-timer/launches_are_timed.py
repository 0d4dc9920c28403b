# type: u cupy.ndarray float64 1
import time

import cupy as cp
import numpy as np

u = cp.ones(1000)
start = time.perf_counter()
for step in range(1000):  # hot: 0.9
    u = u + 0.1 * cp.roll(u, 1)
print(time.perf_counter() - start)  # expect: unsynchronised-timer
