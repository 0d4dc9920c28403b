# type: u cupy.ndarray float64 2
import cupy as cp

u = cp.ones((64, 64))
for _ in range(100):  # hot: 0.9
    u[1:-1, 1:-1] = 0.25 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
