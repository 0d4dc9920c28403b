# type: u cupy.ndarray float64 2
# refuse: not known to be a number
import cupy as cp

u = cp.ones((64, 64))
for step in range(1000):  # hot: 0.95
    u = u / cp.sum(u, axis=0) + cp.sum(u, axis=0) * 2 - 3 * cp.sum(u, axis=1) / 4 - cp.sum(u, axis=0) / 5
