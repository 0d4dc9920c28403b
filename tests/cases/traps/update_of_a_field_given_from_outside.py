import numpy as np


class Solver:
    def __init__(self, u):
        self.u = u

    def step(self):
        self.u = self.u + 1.0


start = np.zeros(3)
solver = Solver(start)
for i in range(3):
    solver.step()
end = solver.u
