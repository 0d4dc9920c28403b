# type: u cupy.ndarray float64 2
import cupy as cp
import numpy as np

u = cp.zeros((64, 64))
for step in range(1000):  # hot: 0.9, expect: many-launches
    u = u + 0.1 * (cp.roll(u, 1, 0) + cp.roll(u, -1, 0) + cp.roll(u, 1, 1) + cp.roll(u, -1, 1) - 4 * u)
