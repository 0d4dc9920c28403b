# Driven cavity, vorticity - stream function, SOR inside, one output file in .npz
import numpy as np


class Cavity:
    def __init__(self, n, re):
        self.n, self.re = n, re
        self.h = 1.0 / (n - 1)
        self.dt = 0.2 * min(self.h, 0.25 * re * self.h**2)
        self.psi = np.zeros((n, n))
        self.om = np.zeros((n, n))
        self.sweeps = 0

    def poisson(self, tol=1e-5):
        beta = 2 / (1 + np.sin(np.pi * self.h))
        psi, om, h = self.psi, self.om, self.h
        while True:
            worst = 0.0
            for i in range(1, self.n - 1):
                for j in range(1, self.n - 1):
                    r = 0.25 * (psi[i + 1, j] + psi[i - 1, j] + psi[i, j + 1] + psi[i, j - 1] + h * h * om[i, j]) - psi[i, j]
                    psi[i, j] += beta * r
                    worst = max(worst, abs(r))
            self.sweeps += 1
            if worst < tol:
                return

    def walls(self):
        h2 = self.h**2
        self.om[:, 0] = -2 * self.psi[:, 1] / h2
        self.om[:, -1] = -2 * (self.psi[:, -2] + self.h) / h2
        self.om[0, :] = -2 * self.psi[1, :] / h2
        self.om[-1, :] = -2 * self.psi[-2, :] / h2

    def step(self):
        self.poisson()
        self.walls()
        p, o, h = self.psi, self.om, self.h
        u = (p[1:-1, 2:] - p[1:-1, :-2]) / (2 * h)
        v = -(p[2:, 1:-1] - p[:-2, 1:-1]) / (2 * h)
        conv = u * (o[2:, 1:-1] - o[:-2, 1:-1]) / (2 * h) + v * (o[1:-1, 2:] - o[1:-1, :-2]) / (2 * h)
        diff = (o[2:, 1:-1] + o[:-2, 1:-1] + o[1:-1, 2:] + o[1:-1, :-2] - 4 * o[1:-1, 1:-1]) / (self.re * h * h)
        o[1:-1, 1:-1] += self.dt * (diff - conv)


def main():
    cavity = Cavity(17, 50.0)
    for _ in range(40):
        cavity.step()
    np.savez("cavity.npz", psi=cavity.psi, om=cavity.om)


main()
