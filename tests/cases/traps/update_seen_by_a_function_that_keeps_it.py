import numpy as np

kept = {}


def keep(step, x):
    kept[step] = x
    return x.sum()


u = np.ones(3)
for i in range(4):
    keep(i, u)
    u = u + 1.0
