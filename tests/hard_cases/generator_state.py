# expect: any
# why: the cells come from a generator that remembers where it was between two sweeps
# prints: 4.547200000000e+01
import numpy as np

n = 40
u = np.zeros((n, n))
u[:, 0] = 1.0


def cells():
    while True:
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                if (i + j) % 2 == 0:
                    yield i, j


source = cells()
for sweep in range(500):
    for _ in range(500):
        i, j = next(source)
        u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]) + 1e-3
print("%.12e" % u.sum())
