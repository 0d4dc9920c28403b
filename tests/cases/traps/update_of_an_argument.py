import numpy as np


def march(u):
    for i in range(3):
        u = u + 1.0
    return u


start = np.zeros(3)
end = march(start)
