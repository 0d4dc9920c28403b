import numpy as np

kept = []
for i in range(3):
    work = np.zeros((2, 3))
    work += i
    kept += [work.T]
total = [float(one.sum()) for one in kept]
print(total)
