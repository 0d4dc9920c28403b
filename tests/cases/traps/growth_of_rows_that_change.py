# rewritten
import numpy as np

u = np.arange(4.0)
rows = u[np.newaxis].copy()
both = np.zeros((1, 4))
flat = np.zeros(4)
for i in range(5):
    u[1:] += u[:-1]
    view = u
    rows = np.concatenate((rows, view[np.newaxis, :]))
    both = np.append(both, [u], axis=0)
    flat = np.append(flat, u)
    u *= 0.5
