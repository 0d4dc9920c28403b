# rewritten
import numpy as np

single = np.arange(3, dtype=np.float32) / 3
a = np.array([])
b = np.array([0.5])
for i in range(3):
    a = np.append(a, single[i])
    b = np.append(b, single[i])
    x = b[-1] / 3
