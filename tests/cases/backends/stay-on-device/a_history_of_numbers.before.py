# type: u cupy.ndarray float64 1
# type: total float
import cupy as cp

u = cp.linspace(0.0, 1.0, 1000) ** 2
history = []
total = 0.0
for step in range(100):  # hot: 0.9
    u = 0.5 * (cp.roll(u, 1) + cp.roll(u, -1))
    # the whole
    total = float(u.sum())  # at the end of the step
    history.append(total)
print(history[-1])
