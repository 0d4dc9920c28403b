# expect: any
# why: float32 times a Python float stays float32 in NumPy 2; computed wider and rounded once, it is another number
# prints: float32 1.149405598640442 1.3192070722579956
import numpy as np

n = 300
u = np.sin(np.arange(n, dtype=np.float32) * np.float32(0.1))
for step in range(500):
    un = u.copy()
    for i in range(1, n - 1):
        u[i] = un[i] + 0.3 * (un[i + 1] - 2 * un[i] + un[i - 1]) + 0.001 * (i % 7 - un[i])
print(u.dtype, repr(float(u[17])), repr(float(u.max())))
