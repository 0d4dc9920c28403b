# expect: any
# why: max() with a nan depends on the order of its arguments, and the loop's end depends on it
# prints: 78 0.00015542178018730884 8.8610837403132e-05 1750
import numpy as np

n = 44
u = np.zeros((n, n))
u[20:30, 20:30] = 1.0
u[1, 0] = np.nan
err = 1.0
sweeps = 0
skipped = 0.0
while err > 2e-4 and sweeps < 150:
    err = 0.0
    un = u.copy()
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] = 0.25 * (un[i + 1, j] + un[i - 1, j] + un[i, j + 1] + un[i, j - 1])
            err = max(err, abs(u[i, j] - un[i, j]))
            skipped = max(abs(u[i, j] - un[i, j]), skipped)
    sweeps += 1
print(sweeps, err, skipped, int(np.isnan(u).sum()))
