# rewritten
import numpy as np

a = np.array([1, 2])
for i in range(5):
    a = np.append(a, i * 0.5)
b = np.array([1, 2])
for i in range(0):
    b = np.append(b, 0.5)
c = np.array([1, 2])
for i in range(3):
    c = np.append(c, i)
