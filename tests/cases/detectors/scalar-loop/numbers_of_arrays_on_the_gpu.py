# type: u cupy.ndarray float64 2
import cupy as cp

u = cp.ones((64, 64))
energies = []
for step in range(100):  # hot: 0.95
    u = u + 0.1 * cp.roll(u, 1, 0)
    energies.append(float(0.5 * cp.sum(u**2)))
