"""First arrivals in a medium of varying speed by fast sweeping; two sources, iterated to rest."""

import math

import numpy as np

n = 41
h = 1.0 / (n - 1)
slowness = np.ones((n, n))
for i in range(n):
    for j in range(n):
        slowness[i, j] = 1.0 + 0.5 * math.sin(3 * i * h) * math.cos(2 * j * h)
T = np.full((n, n), 1e10)
T[5, 7] = T[30, 33] = 0.0
sweeps = 0
change = 1.0
while change > 1e-9:
    old = T.copy()
    for rows, columns in (
        (range(n), range(n)),
        (range(n - 1, -1, -1), range(n)),
        (range(n - 1, -1, -1), range(n - 1, -1, -1)),
        (range(n), range(n - 1, -1, -1)),
    ):
        for i in rows:
            for j in columns:
                a = min(T[max(i - 1, 0), j], T[min(i + 1, n - 1), j])
                b = min(T[i, max(j - 1, 0)], T[i, min(j + 1, n - 1)])
                f = slowness[i, j] * h
                if abs(a - b) >= f:
                    t = min(a, b) + f
                else:
                    t = 0.5 * (a + b + math.sqrt(2 * f * f - (a - b) ** 2))
                if t < T[i, j]:
                    T[i, j] = t
    sweeps += 1
    change = np.abs(T - old).max()
print("rounds", sweeps, "latest", T.max(), "mean", T.mean())
