# rewritten
import numpy as np

np.seterr(all="ignore")
t = np.array([0.0])
kinds = []
for i in range(3):
    t = np.append(t, 0.0)
    kinds.append(type(t[-1]).__name__)
    x = 1.0 / t[-1]
