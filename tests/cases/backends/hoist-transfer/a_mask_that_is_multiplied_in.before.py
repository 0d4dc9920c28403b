# type: u cupy.ndarray float64 2
# type: wall numpy.ndarray float64 2
import cupy as cp
import numpy as np

wall = np.ones((64, 64))
wall[4:8, 4:8] = 0.0
u = cp.ones((64, 64))
for step in range(100):  # hot: 0.95
    u *= cp.asarray(wall)
print(u.sum())
