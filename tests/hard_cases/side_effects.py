# expect: refused
# why: every cell calls a function that keeps a log; the log is a result too
# prints: 357 30952 3.305389868195e-03
import numpy as np

n = 48
u = np.zeros((n, n))
u[n // 2, n // 2] = 1.0
log = {}


def record(i, j, value):
    if value > 1e-3:
        log.setdefault("%d,%d" % (i, j), []).append(value)
    return value


for step in range(120):
    un = u.copy()
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            new = un[i, j] + 0.2 * (un[i + 1, j] + un[i - 1, j] + un[i, j + 1] + un[i, j - 1] - 4 * un[i, j])
            u[i, j] = record(i, j, new)
print(len(log), sum(len(values) for values in log.values()), "%.12e" % log["24,24"][-1])
