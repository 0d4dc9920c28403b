# type: u numpy.ndarray float64 1
import numpy as np

u = np.zeros(100)
rows = []
for step in range(1000):  # hot: 0.8
    ghost = np.append(u, u[0])
    u = u - 0.1 * (ghost[1:] - ghost[:-1])
    rows.append(u)
history = np.vstack(rows)
