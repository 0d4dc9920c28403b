# type: u cupy.ndarray float64 1
# type: x numpy.ndarray float64 1
# type: inflow numpy.ndarray float64 1
# type: step int
import cupy as cp
import numpy as np

x = np.linspace(0.0, 1.0, 1000)
inflow = np.sin(np.linspace(0.0, 3.0, 100))
u = cp.zeros(1000)
x_gpu = cp.asarray(x)
for step in range(100):  # hot: 0.9
    u = u + 0.1 * (x_gpu * inflow[step] + 1.0)
