import numpy as np


def gather(x, into=[]):
    into.append(x)
    return into


for i in range(3):
    work = np.zeros(2)
    work += i
    every = gather(work)
