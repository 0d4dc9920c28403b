# type: u cupy.ndarray float64 2
# type: lap cupy.ndarray float64 2
# type: c float
import cupy as cp

u = cp.zeros((64, 64))
u[32, 32] = 1.0
c = 0.1
for step in range(1000):  # hot: 0.95
    # diffusion on a torus
    lap = cp.roll(u, 1, 0) + cp.roll(u, -1, 0) + cp.roll(u, 1, 1) + cp.roll(u, -1, 1) - 4 * u
    u = u + c * lap
print(float(u.max()))
