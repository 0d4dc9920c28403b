# expect: any
# why: the loop ends by an IndexError that is caught; compiled code without bounds checks reads on
# prints: 279300 -7.828362162045e+00
import numpy as np

n = 400
u = np.cos(np.arange(n) * 0.02)
ends = 0
for step in range(700):
    i = 0
    try:
        while True:
            u[i] = u[i] + 0.1 * (u[i + 1] - u[i])
            i += 1
    except IndexError:
        ends += i
print(ends, "%.12e" % u.sum())
