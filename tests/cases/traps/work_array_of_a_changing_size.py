import numpy as np

n = 2
sums = []
for i in range(4):
    work = np.ones(n)
    sums.append(float(work.sum()))
    n += 1
print(sums)
