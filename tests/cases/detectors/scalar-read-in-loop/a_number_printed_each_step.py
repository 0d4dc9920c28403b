# type: u cupy.ndarray float64 1
import cupy as cp

u = cp.linspace(0.0, 1.0, 1000) ** 2
for turn in range(1000):  # hot: 0.9
    u = 0.5 * (cp.roll(u, 1) + cp.roll(u, -1))
    print("mass", u.sum())  # expect: scalar-read-in-loop
