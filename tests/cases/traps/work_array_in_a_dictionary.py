import numpy as np

states = {}
for i in range(4):
    work = np.zeros(3)
    work += i
    states[i] = work
