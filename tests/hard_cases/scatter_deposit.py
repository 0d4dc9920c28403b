# expect: serial
# why: two particles may fall into one cell, so the additions of different particles meet
# prints: 2.100118904521e+05 6.557501052294e+03
import numpy as np

cells = 32
count = 3000
position = (np.arange(count) * 0.618033988749895) % 1.0
weight = 1.0 + 0.1 * np.sin(np.arange(count))
density = np.zeros(cells + 1)
for step in range(70):
    for k in range(count):
        s = position[k] * cells
        c = int(s)
        f = s - c
        density[c] += weight[k] * (1.0 - f)
        density[c + 1] += weight[k] * f
        position[k] = (position[k] + 0.001 * weight[k]) % 1.0
print("%.12e %.12e" % (density.sum(), density[7]))
