"""A membrane, leapfrog with a sponge and a reflecting edge, in a class."""

import numpy as np


class Membrane:
    def __init__(self, n=36, c=0.5):
        self.n = n
        self.c2 = c * c
        y, x = np.mgrid[0:n, 0:n]
        self.old = np.exp(-((x - 12.0) ** 2 + (y - 15.0) ** 2) / 8.0)
        self.now = self.old.copy()
        self.new = np.zeros((n, n))
        self.damp = 0.002 * np.arange(n)
        self.history = []

    def laplacian(self, u):
        return u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]

    def edges(self, u):
        u[0, :] = 0.0
        u[-1, :] = u[-2, :]
        u[:, 0] = 0.0
        u[:, -1] = u[:, -2]

    def step(self):
        lap = self.laplacian(self.now)
        d = self.damp[1:-1]
        self.new[1:-1, 1:-1] = (
            2 * self.now[1:-1, 1:-1] - (1 - d) * self.old[1:-1, 1:-1] + self.c2 * lap
        ) / (1 + d)
        self.edges(self.new)
        self.old, self.now, self.new = self.now, self.new, self.old

    def run(self, steps):
        for k in range(steps):
            self.step()
            if k % 10 == 0:
                self.history.append(float(np.sum(self.now**2)))


m = Membrane()
m.run(120)
print("receiver", m.now[20, 20], "energy", m.history[-1])
