# type: u cupy.ndarray float64 1
# type: x numpy.ndarray float64 1
import cupy as cp
import numpy as np

x = np.linspace(0.0, 1.0, 1000)
u = cp.zeros(1000)
for step in range(100):  # hot: 0.9
    u = u + 0.01 * cp.asarray(np.sin(x - 0.1 * step))  # expect: array-rebuilt-on-host
