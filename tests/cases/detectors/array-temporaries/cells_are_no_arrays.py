# type: sweep:u numpy.ndarray float64 2
# type: collide:u numpy.ndarray float64 2
# type: collide:f numpy.ndarray float64 3
import numpy as np


def sweep(u):  # hot: 0.5
    for i in range(1, 29):
        for j in range(1, 39):
            u[i, j] -= 0.1 * (u[i, j] - u[i - 1, j])


def collide(f, u):  # hot: 0.4  expect: array-temporaries
    for k in range(9):
        f[k] += 0.1 * f[k - 1]


u = np.zeros((30, 40))
f = np.zeros((9, 30, 40))
for _ in range(100):
    sweep(u)
    collide(f, u)
