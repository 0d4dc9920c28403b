import numpy as np

k = np.zeros(3)
n = 0
u = np.ones(3)
with np.errstate(all="raise"):
    for i in range(3):
        if n > 0:
            u[:] = u * np.log(k)
