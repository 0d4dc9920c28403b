import numpy as np

kept = []


def keep(x):
    kept.append(x)


for i in range(4):
    work = np.zeros(3)
    work += i
    keep(work)
