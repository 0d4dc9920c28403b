# type: step:self.u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp


class Heat:
    def __init__(self, n, dt):
        self.n, self.dt = n, dt
        self.u = np.ones(n)

    def matrix(self):
        L = sp.diags([1, -2, 1], [-1, 0, 1], shape=(self.n, self.n))
        return (sp.eye(self.n) - self.dt * L).tocsc()

    def step(self):  # hot: 0.9
        A = self.matrix()
        A.data *= 1 + self.u.max()
        self.u = A @ self.u


heat = Heat(100, 0.1)
for k in range(50):
    heat.step()
