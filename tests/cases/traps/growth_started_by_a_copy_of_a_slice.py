# rewritten
import numpy as np

u = np.arange(6.0)
a = u[:3].copy()
b = a
for i in range(3):
    u[0] += 1.0
    a = np.append(a, u[:2])
b[0] = 9.0
