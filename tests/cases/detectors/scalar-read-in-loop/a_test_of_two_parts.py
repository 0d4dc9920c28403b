# type: u cupy.ndarray float64 1
# type: new cupy.ndarray float64 1
# type: error cupy.ndarray float64 0
import cupy as cp

u = cp.linspace(0.0, 1.0, 1000) ** 2
error = cp.array(1.0)
turns = 0
while error > 1e-6 and turns < 500:  # hot: 0.9 # expect: scalar-read-in-loop
    new = 0.5 * (cp.roll(u, 1) + cp.roll(u, -1))
    error = cp.abs(new - u).max()
    u = new
    turns += 1
