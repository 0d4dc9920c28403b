# type: u cupy.ndarray float64 2
import cupy as cp
import numpy as np

step_kernel = cp.ElementwiseKernel("float64 u", "float64 v", "v = 0.5 * u", "halve")
u = cp.ones((64, 64))
for step in range(1000):  # hot: 0.9
    u = step_kernel(u)
