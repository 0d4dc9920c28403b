# expect: rewritten
# why: u[i - 1] and u[i - 2] wrap round at the left end, and the scheme relies on it
# prints: 7.556779925715e+00 6.959038119563e-03
import numpy as np

n = 400
x = np.arange(n) / n
u = np.exp(-200 * (x - 0.3) ** 2)
for step in range(1700):
    un = u.copy()
    for i in range(n):
        u[i] = un[i] - 0.2 * (1.5 * un[i] - 2.0 * un[i - 1] + 0.5 * un[i - 2])
print("%.12e %.12e" % (np.dot(x, u), u[0]))
