import numpy as np

total = 0.0
for i in range(4):
    if i:
        total += float(work.sum())
    work = np.zeros(3)
    work += i
