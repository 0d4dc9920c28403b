import numpy as np


class Eikonal:
    def __init__(self, n):
        self.n = n
        self.T = np.full((n, n), 10.0)

    def update(self, i, j):
        t = min(self.T[i - 1, j], self.T[i, j - 1]) + 0.1
        if t < self.T[i, j]:
            self.T[i, j] = t

    def sweep(self):
        change = 0
        for i in range(1, self.n):
            for j in range(1, self.n):  # hot: 0.9  expect: scalar-loop
                self.update(i, j)


solver = Eikonal(100)
for it in range(10):
    solver.sweep()
