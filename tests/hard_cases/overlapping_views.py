# expect: serial
# why: left and right are windows on u itself: two names, one memory
# prints: 7.745417724130e+01 7.498104974377e-02
import numpy as np

n = 400
u = np.sin(np.arange(n) * 0.05)
left = u[:-2]
right = u[2:]
middle = u[1:-1]
for sweep in range(800):
    for i in range(n - 2):
        middle[i] = 0.5 * (left[i] + right[i]) + 1e-4
print("%.12e %.12e" % (u.sum(), u[n // 2]))
