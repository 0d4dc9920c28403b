# type: u cupy.ndarray float64 2
# type: source numpy.ndarray float64 2
import cupy as cp
import numpy as np

source = np.ones((64, 64))
u = cp.zeros((64, 64))
source_gpu = cp.asarray(source)
for step in range(100):  # hot: 0.95
    # the source does not change
    u = u + 0.1 * source_gpu
print(u.sum())
