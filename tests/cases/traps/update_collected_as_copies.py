# rewritten
import numpy as np

u = np.ones(4)
frames = [u.copy()]
for i in range(3):
    u = u * 1.5 - 0.25
    u = np.sin(u) + u
    frames.append(u.copy())
