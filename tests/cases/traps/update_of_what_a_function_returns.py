import numpy as np

table = np.ones(3)


def initial():
    return table


u = initial()
for i in range(3):
    u = u + 1.0
