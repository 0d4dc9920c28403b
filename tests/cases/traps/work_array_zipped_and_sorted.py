import numpy as np

pairs = []
for i in range(3):
    work = np.zeros((2, 2))
    work += i
    pairs.extend(zip([i, i], work))
