import numpy as np


def frames():
    a = np.array([1.0])
    for i in range(4):
        a = np.append(a, i * 1.0)
        yield i


total = list(frames())
