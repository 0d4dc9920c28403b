# type: u cupy.ndarray float64 1
# type: new cupy.ndarray float64 1
# refuse: the loop's head looks at it every turn
import cupy as cp

u = cp.linspace(0.0, 1.0, 1000) ** 2
error = 1.0
while error > 1e-6:  # hot: 0.9
    new = 0.5 * (cp.roll(u, 1) + cp.roll(u, -1))
    error = float(cp.abs(new - u).max())
    u = new
