import numpy as np

states = [np.ones(3), np.zeros(3)]
u, v = states
for i in range(3):
    u = u + 1.0
    v = v * 2.0
