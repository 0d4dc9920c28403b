"""Shallow water on a staggered grid in a closed basin: the flow first, then the height with the new flow."""

import sys

import numpy as np


class Basin:
    def __init__(self, n):
        x = np.linspace(0.0, 1.0, n)
        self.h = 10.0 + np.exp(-200.0 * ((x - 0.3) ** 2 + (x[:, None] - 0.4) ** 2))
        self.u = np.zeros((n, n + 1))
        self.v = np.zeros((n + 1, n))
        self.g, self.drag = 9.81, 0.001

    def run(self, steps, dt=0.02):
        for _ in range(steps):
            self.u[:, 1:-1] -= dt * (self.g * (self.h[:, 1:] - self.h[:, :-1]) + self.drag * self.u[:, 1:-1])
            self.v[1:-1, :] -= dt * (self.g * (self.h[1:, :] - self.h[:-1, :]) + self.drag * self.v[1:-1, :])
            fx = np.zeros_like(self.u)
            fy = np.zeros_like(self.v)
            fx[:, 1:-1] = self.u[:, 1:-1] * 0.5 * (self.h[:, :-1] + self.h[:, 1:])
            fy[1:-1, :] = self.v[1:-1, :] * 0.5 * (self.h[:-1, :] + self.h[1:, :])
            self.h -= dt * (fx[:, 1:] - fx[:, :-1] + fy[1:, :] - fy[:-1, :])


n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 10
basin = Basin(n)
basin.run(steps)
print(basin.h.sum(), basin.h.max())
