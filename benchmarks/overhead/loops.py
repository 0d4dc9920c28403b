"""Heat equation by Python loops over cells, with a small function for the source."""

import numpy as np

n = 81
u = np.zeros((n, n))
u[n // 2, n // 2] = 1.0


def source(x, y):
    return 1e-3 * x * y


for _ in range(200):
    un = u.copy()
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] = un[i, j] + 0.2 * (
                un[i + 1, j] + un[i - 1, j] + un[i, j + 1] + un[i, j - 1] - 4.0 * un[i, j]
            )
            u[i, j] += source(i / n, j / n)
print(u.sum())
