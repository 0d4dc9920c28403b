import numpy as np

nu = 0.5
k = np.arange(4.0)
u = np.ones(4)


def cool():
    global nu
    nu = nu / 2


for i in range(4):
    u[:] = u * np.exp(-nu * k)
    cool()
