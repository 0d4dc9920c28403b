# type: u cupy.ndarray float64 1
# type: total float
import cupy as cp

u = cp.linspace(0.0, 1.0, 1000) ** 2
history = []
total = 0.0
history_before = len(history)
for step in range(100):  # hot: 0.9
    u = 0.5 * (cp.roll(u, 1) + cp.roll(u, -1))
    # the whole
    total = u.sum()  # at the end of the step
    history.append(total)
if len(history) > history_before:
    history[history_before:] = cp.stack(history[history_before:]).tolist()
total = float(total)
print(history[-1])
