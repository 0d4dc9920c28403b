# expect: serial
# why: un = u copies nothing, so both names are one array and the upwind update sees new values
# prints: -5.840411767960e+00 9.046015706260e-01
import numpy as np

n = 500
u = np.exp(-((np.arange(n) - 100.0) / 12.0) ** 2)
for step in range(1000):
    un = u
    u[0] = np.sin(0.02 * step)
    for i in range(1, n):
        u[i] = un[i] - 0.4 * (un[i] - un[i - 1])
print("%.12e %.12e" % (u.sum(), u.max()))
