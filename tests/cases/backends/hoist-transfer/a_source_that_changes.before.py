# type: u cupy.ndarray float64 2
# type: source numpy.ndarray float64 2
import cupy as cp
import numpy as np

# refuse: changed in the loop
source = np.ones((64, 64))
u = cp.zeros((64, 64))
for step in range(100):  # hot: 0.95
    source[0, 0] = step
    u = u + 0.1 * cp.asarray(source)
print(u.sum())
