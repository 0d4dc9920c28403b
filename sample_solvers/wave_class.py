"""The wave equation on a membrane by leapfrog; a class whose methods update arrays held by self.

    u_tt = u_xx + u_yy   on the unit square, u = 0 on the boundary

Exact: u = sin(2 pi x) sin(pi y) cos(pi sqrt(5) t). Second order in space and time.
"""

import argparse

import numpy as np


class Membrane:
    def __init__(self, n, courant=0.5):
        self.n = n
        self.h = 1.0 / n
        self.dt = courant * self.h
        self.c2 = courant**2
        self.steps_done = 0
        x = np.linspace(0.0, 1.0, n + 1)
        self.mode = np.outer(np.sin(2 * np.pi * x), np.sin(np.pi * x))
        self.now = self.mode.copy()
        self.before = np.zeros((n + 1, n + 1))
        self.after = np.zeros((n + 1, n + 1))
        # At rest at t = 0: the state one step back equals the state one step ahead.
        for i in range(1, n):
            for j in range(1, n):
                self.before[i, j] = self.now[i, j] + 0.5 * self.c2 * self.laplacian(i, j)
        self.log = []

    def laplacian(self, i, j):
        u = self.now
        return u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4.0 * u[i, j]

    def step(self):
        for i in range(1, self.n):
            for j in range(1, self.n):
                self.after[i, j] = 2.0 * self.now[i, j] - self.before[i, j] + self.c2 * self.laplacian(i, j)
        self.before, self.now, self.after = self.now, self.after, self.before
        self.steps_done += 1

    def run(self, t_end):
        while self.steps_done * self.dt < t_end - 1e-12:
            self.step()
            if self.steps_done % 50 == 0:
                self.log.append(np.sqrt(np.mean(self.now**2)))
                print(self.steps_done, self.log[-1])

    def error(self):
        exact = self.mode * np.cos(np.pi * np.sqrt(5.0) * self.steps_done * self.dt)
        return np.sqrt(np.mean((self.now - exact) ** 2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=132, help="cells along each side")
    membrane = Membrane(parser.parse_args().n)
    membrane.run(1.0)
    print(f"L2 error {membrane.error():.6e}")
