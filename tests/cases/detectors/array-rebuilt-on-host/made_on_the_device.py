# type: u cupy.ndarray float64 1
# type: x cupy.ndarray float64 1
import cupy as cp
import numpy as np

x = cp.asarray(np.linspace(0.0, 1.0, 1000))
u = cp.zeros(1000)
for step in range(100):  # hot: 0.9
    u = u + 0.01 * cp.asarray(cp.sin(x - 0.1 * step))
