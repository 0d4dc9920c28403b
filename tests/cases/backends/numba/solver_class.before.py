# type: step:self.u numpy.ndarray float64 1
# type: step:self.flux numpy.ndarray float64 1
# type: step:self.n int
# type: step:self.c float
# type: step:self.dx float
# type: step:self.dt float
import numpy as np


class Advection:
    """First-order upwind."""

    def __init__(self, n, c):
        self.n = n
        self.c = c
        self.dx = 1.0 / n
        self.dt = 0.5 * self.dx / abs(c)
        self.u = np.exp(-100 * (np.linspace(0, 1, n) - 0.3) ** 2)
        self.flux = np.zeros(n + 1)

    def face(self, left, right):
        return self.c * left if self.c > 0 else self.c * right

    def step(self):
        for i in range(self.n):  # hot: 0.6
            self.flux[i] = self.face(self.u[i - 1], self.u[i])
        self.flux[self.n] = self.flux[0]
        for i in range(self.n):
            self.u[i] -= self.dt / self.dx * (self.flux[i + 1] - self.flux[i])


solver = Advection(400, 1.0)
for k in range(1000):
    solver.step()
