# expect: rewritten
# why: binding i in the body does not move the loop, i keeps its last value, an empty loop leaves it alone
# prints: 303 363600 1.503724170707e+02
import numpy as np

n = 300
u = np.linspace(0.0, 1.0, n)
last = []
for step in range(1200):
    for i in range(1, n - 1):
        u[i] = u[i] + 0.1 * (u[i - 1] - 2 * u[i] + u[i + 1]) + 1e-6 * (step % 3)
        i += 5
    last.append(i)
    for i in range(5, 5):
        u[i] = 0.0
    u[i % n] *= 0.999
print(i, sum(last), "%.12e" % u.sum())
