# expect: any
# why: elements of NumPy arrays divide to inf and nan and go on, where compiled code may raise
# prints: 63680 9.080000000000e+02
import warnings

import numpy as np

warnings.simplefilter("ignore")
n = 400
u = np.array([float((3 * i) % 7) for i in range(n)])
limited = np.zeros(n)
infinite = 0
for step in range(800):
    for i in range(1, n - 1):
        r = (u[i] - u[i - 1]) / (u[i + 1] - u[i] if (i + step) % 5 else np.float64(0.0))
        if np.isinf(r):
            infinite += 1
            limited[i] = 2.0
        elif r > 0:
            limited[i] += min(r, 1.0)
print(infinite, "%.12e" % limited.sum())
