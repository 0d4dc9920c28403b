# type: step:self.u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve


class FactorisedWhileSame:
    def __call__(self, A, b):
        return spsolve(A, b)


solve_A = FactorisedWhileSame()


class Heat:
    def __init__(self, n, dt):
        self.n, self.dt = n, dt
        self.u = np.ones(n)

    def step(self):  # hot: 0.9
        A = sp.eye(self.n, format="csc") * (1 + self.dt)  # expect: assembled-again
        self.u = solve_A(A, self.u)


heat = Heat(100, 0.1)
for k in range(50):
    heat.step()
