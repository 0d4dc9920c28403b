import numpy as np

a = np.array([1.0])
for i in range(3):
    for x in a:
        y = x
    a = np.append(a, y + 1.0)
