import numpy as np

u = np.zeros(100000)
for n in range(1000):  # hot: 0.97
    u[1:-1] = u[1:-1] + 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
