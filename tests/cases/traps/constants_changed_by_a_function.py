import numpy as np

k = np.arange(4.0)
u = np.ones(4)


def stretch():
    k[1:] *= 2.0


for i in range(4):
    u[:] = u * np.exp(-k)
    stretch()
