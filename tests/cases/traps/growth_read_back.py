# rewritten
import numpy as np

t = np.array([0.0])
e = np.array([])
while t[-1] < 1.0:
    t = np.append(t, t[-1] + 0.125)
    e = np.append(e, np.sqrt(t[-1]) / 3)
    print(len(t), t.size, t[0], f"{e[-1]:.3f}", repr(e[-1]), e[-1] / 7, [t[-1]])
