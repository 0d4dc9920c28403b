# rewritten
import numpy as np

a = np.array([])
for i in range(3):
    a = np.append(a, 1j * i)
