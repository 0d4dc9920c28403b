# rewritten
import numpy as np

c = []
d = [0.5]
for i in range(6):
    if i > 3:
        c = np.append(c, i * 0.25)
        d = np.append(d, i)
