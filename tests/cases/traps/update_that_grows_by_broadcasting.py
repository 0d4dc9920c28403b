import numpy as np

u = np.ones(3)
for i in range(1):
    u = u + np.ones((2, 1))
    u = u[0]
    w = u
