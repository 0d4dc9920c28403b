import numpy as np

u = np.arange(4.0)
rows = u
for i in range(5):
    u[0] = 7.0 + i
    rows = np.append(rows, u)
