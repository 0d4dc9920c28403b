import numpy as np

kept = np.zeros(2)
sums = []
for i in range(3):
    work = np.zeros(2)
    new = np.add(work, i, out=work)
    sums.append(kept.sum())
    kept = new
print(sums)
