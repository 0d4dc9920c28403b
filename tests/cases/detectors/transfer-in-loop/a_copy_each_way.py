# type: u cupy.ndarray float64 2
# type: source numpy.ndarray float64 2
# type: shown numpy.ndarray float64 2
import cupy as cp
import numpy as np

source = np.ones((64, 64))
u = cp.zeros((64, 64))
for step in range(100):  # hot: 0.95
    u = u + 0.1 * cp.asarray(source)  # expect: transfer-in-loop
    shown = cp.asnumpy(u)  # expect: transfer-in-loop
print(shown.sum())
