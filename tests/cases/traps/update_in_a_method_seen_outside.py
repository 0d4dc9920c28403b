import numpy as np


class Solver:
    def __init__(self, n):
        self.u = np.zeros(n)

    def step(self):
        self.u = self.u + 1.0
        return self.u


solver = Solver(3)
frames = []
for i in range(3):
    frames.append(solver.step())
