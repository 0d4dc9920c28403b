# rewritten
import numpy as np

a = np.array([2.0])
i = 0
while not a[-1] > 5.0 and i < 10:
    a = np.append(a, a[-1] + 0.75)
    i += 1
    flag = a[-1] > 3.0
kind = type(flag).__name__
