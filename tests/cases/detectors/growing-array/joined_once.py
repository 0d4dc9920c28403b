# type: u numpy.ndarray float64 1
import numpy as np

u = np.zeros(100)
for step in range(1000):  # hot: 0.8
    padded = np.concatenate(([0.0], u, [0.0]))
    u = padded[1:-1] + 0.1 * (padded[2:] - padded[:-2])
