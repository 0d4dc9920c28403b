import numpy as np

start = np.ones(4)
u = start
for i in range(3):
    u = u + 1.0
