import numpy as np

k = np.arange(4.0)
dt = 0.5
u = np.ones(4)
for i in range(4):
    u = u * np.exp(-k * dt)
    v = [u]
    if i == 1:
        dt = dt / 2
