import numpy as np

rows = []
for i in range(4):
    work = np.zeros(3)
    work[0] = i
    rows.append(work)
