import numpy as np

u = np.ones(3)
frames = []
for i in range(3):
    frames.append((held := u))
    u = u + 1.0
