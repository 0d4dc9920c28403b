import numpy as np

best = np.zeros(2)
for i in range(3):
    work = np.zeros(2)
    work += i
    best = work if i != 1 else best
    best[0] += 1.0
