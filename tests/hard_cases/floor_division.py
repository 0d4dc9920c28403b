# expect: rewritten
# why: // rounds down and % takes the divisor's sign, for integers and for floats
# prints: 1273950 2086 3.957000000000e+04
import numpy as np

n = 60
cell = np.zeros((n, n), dtype=np.int64)
phase = np.zeros((n, n))
for step in range(1, 150):
    for i in range(n):
        for j in range(n):
            shift = (i - 2 * j - step) // 3
            cell[i, j] += shift % 5 - (j - i) // -4
            phase[i, j] = (phase[i, j] + 0.37 * (i - j)) % 1.0 + (-7.5 + j) // 2.0
print(cell.sum(), cell[3, 50], "%.12e" % phase.sum())
