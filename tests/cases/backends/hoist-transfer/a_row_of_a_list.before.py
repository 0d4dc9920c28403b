# type: u cupy.ndarray float64 2
# type: v cupy.ndarray float64 2
# type: ny int
import cupy as cp

ny = 64
u = cp.ones((64, ny))
v = cp.zeros((64, ny))
for step in range(100):  # hot: 0.95
    # the same row in every turn
    row = cp.array([0.5 + 0.1 * (j % 7) for j in range(ny)])
    v += 0.1 * row * (cp.roll(u, 1, 0) - 2.0 * u + cp.roll(u, -1, 0))
    u += 0.1 * v
print(u.sum())
