"""Heat equation by NumPy slices."""

import numpy as np

n = 301
u = np.zeros((n, n))
u[n // 2, n // 2] = 1.0
history = []
for _ in range(7000):
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.2 * (
        un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2] - 4.0 * un[1:-1, 1:-1]
    )
    history.append(u.max())
print(u.sum())
