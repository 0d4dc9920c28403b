"""Heat in a cube, to and fro between two arrays."""

import sys

import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 50
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 10
x = np.linspace(0.0, 1.0, n)
a = np.sin(np.pi * x)[:, None, None] * np.sin(np.pi * x)[:, None] * np.sin(2 * np.pi * x)
b = a.copy()
for _ in range(steps):
    b[1:-1, 1:-1, 1:-1] = (
        0.125 * (a[2:, 1:-1, 1:-1] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[:-2, 1:-1, 1:-1])
        + 0.125 * (a[1:-1, 2:, 1:-1] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[1:-1, :-2, 1:-1])
        + 0.125 * (a[1:-1, 1:-1, 2:] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[1:-1, 1:-1, :-2])
        + a[1:-1, 1:-1, 1:-1]
    )
    a, b = b, a
print(a.sum())
