# type: u cupy.ndarray float64 2
# type: work cupy.ndarray float64 2
# type: source numpy.ndarray float64 2
import cupy as cp
import numpy as np

# refuse: changed
source = np.ones((64, 64))
u = cp.zeros((64, 64))
for step in range(100):  # hot: 0.95
    work = cp.asarray(source)
    work *= step
    u = u + work
print(u.sum())
