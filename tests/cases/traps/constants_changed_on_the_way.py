import numpy as np

k = np.arange(4.0)
half = k[:2]
u = np.ones(4)
for i in range(3):
    u = u * np.exp(-k)
    half += 0.5
    v = [u]
