import numpy as np

u = np.ones(4)
for i in range(3):
    before = u
    u = u + 0.5 * before
    change = abs(u - before).max()
