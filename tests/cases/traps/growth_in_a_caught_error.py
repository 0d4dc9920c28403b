import numpy as np

a = np.array([1.0])
try:
    for i in range(4):
        a = np.append(a, 1.0 / (2 - i))
except ZeroDivisionError:
    print(a)
