import numpy as np

u = np.ones(3)
v = np.zeros(3)
for i in range(3):
    u = u + 1.0
    u, v = v, u
    v = v * 2.0
