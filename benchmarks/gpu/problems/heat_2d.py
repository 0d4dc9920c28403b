"""Heat in a plate, the new field from a copy of the old one."""

import sys

import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 10
alpha = 0.2
x = np.linspace(0.0, 1.0, n)
u = np.sin(np.pi * x)[:, np.newaxis] * np.sin(2 * np.pi * x)
for _ in range(steps):
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + alpha * (
        un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2] - 4 * un[1:-1, 1:-1]
    )
print(u.sum())
