# type: Heat.step:u numpy.ndarray float64 1
import numpy as np
from numpy.linalg import inv


class Heat:
    def __init__(self, n, r):
        self.inverse = None
        B = (1 + 2 * r) * np.eye(n)
        self.inverse = inv(B - r * np.eye(n, k=1) - r * np.eye(n, k=-1))  # backward

    def step(self, u):  # hot: 0.9
        return self.inverse @ u  # one step


u = np.ones(300)
heat = Heat(300, 0.4)
for k in range(500):
    u = heat.step(u)
print(np.dot(heat.inverse, u).sum())
