# type: u cupy.ndarray float64 2
# type: source numpy.ndarray float64 2
import cupy as cp
import numpy as np

source = np.ones((64, 64))
source_gpu = cp.asarray(source)
u = cp.zeros((64, 64))
for step in range(100):  # hot: 0.95
    u = u + 0.1 * source_gpu
    if step % 50 == 0:
        print(u.get().sum())
