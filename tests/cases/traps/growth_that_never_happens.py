# rewritten
import numpy as np

n = len("")
a = np.arange(3)
b = np.array([])
c = []
d = np.ones((2, 2))
for i in range(n):
    a = np.append(a, i)
    b = np.append(b, 1.0)
    c = np.append(c, 1.0)
    d = np.vstack((d, np.ones(2)))
