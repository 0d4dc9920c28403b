import numpy as np

n = np.arange(4)
for i in range(3):
    n = n + 0.5
    n = n.astype(int)
