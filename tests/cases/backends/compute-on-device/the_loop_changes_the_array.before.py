# type: u cupy.ndarray float64 1
# type: x numpy.ndarray float64 1
# refuse: `x`
import cupy as cp
import numpy as np

x = np.linspace(0.0, 1.0, 1000)
u = cp.zeros(1000)
for step in range(100):  # hot: 0.9
    x[0] = 0.5
    u = u + cp.asarray(np.sin(x))
