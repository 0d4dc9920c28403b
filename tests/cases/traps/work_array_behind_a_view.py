import numpy as np

first = np.zeros(2)
for i in range(4):
    work = np.zeros(5)
    work[:2] = first + 1
    first = work[1:3]
    first[0] += i
