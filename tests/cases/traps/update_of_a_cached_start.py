from functools import lru_cache

import numpy as np


@lru_cache
def start(n):
    return np.zeros(n)


for case in range(2):
    u = start(3)
    for i in range(3):
        u = u + 1.0
