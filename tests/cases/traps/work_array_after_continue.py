# rewritten
import numpy as np

total = 0.0
for i in range(6):
    if i % 2:
        continue
    work = np.zeros(3)
    work[i // 2] = 1.0
    total += float(work.sum()) + float(work[0])
    if i == 4:
        break
    work += 5.0
