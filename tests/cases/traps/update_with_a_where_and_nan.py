# rewritten
import numpy as np

u = np.array([1.0, np.nan, np.inf, -0.0])
with np.errstate(all="ignore"):
    pass
for i in range(3):
    u = u - np.where(u > 0, 0.5, -0.5)
    u = 2.0 * u
    u = u / 3.0
