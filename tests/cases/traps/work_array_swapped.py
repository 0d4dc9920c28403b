import numpy as np

u = np.ones(5)
for i in range(4):
    new = np.empty(5)
    new[:] = u * 0.5
    new[0] = i
    u, old = new, u
