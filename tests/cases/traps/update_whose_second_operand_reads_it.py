import numpy as np

u = np.ones(3)
for i in range(3):
    u = u + 1.0 - 0.5 * u
