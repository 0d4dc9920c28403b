# type: advance:self.u numpy.ndarray float64 2
import numpy as np


class Solver:
    def __init__(self, n):
        self.u = np.zeros((n, n))

    def advance(self, f, dt):
        self.u = self.u + dt * f(self.u) - 0.1  # hot: 0.7  expect: array-rebound
