# type: u cupy.ndarray float64 1
# type: new cupy.ndarray float64 1
import cupy as cp
import numpy as np

u = cp.linspace(0.0, 1.0, 1000) ** 2
for turn in range(1000):  # hot: 0.9
    new = 0.5 * (cp.roll(u, 1) + cp.roll(u, -1))
    if turn % 10 == 0:
        error = float(cp.abs(new - u).max())
        print(error)
    u = new
