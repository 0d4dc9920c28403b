import numpy as np

u = np.ones(4)
frames = [u]
for i in range(3):
    u = u * 1.5
    frames.append(u)
