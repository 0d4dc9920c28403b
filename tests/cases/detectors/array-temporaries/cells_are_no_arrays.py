# type: u numpy.ndarray float64 2
# type: f numpy.ndarray float64 3
import numpy as np

u = np.zeros((30, 40))
f = np.zeros((9, 30, 40))
for n in range(100):
    for i in range(1, 29):  # hot: 0.6  expect: scalar-loop
        for j in range(1, 39):
            u[i, j] -= 0.1 * (u[i, j] - u[i - 1, j])
    for k in range(9):  # hot: 0.4  expect: array-temporaries
        f[k] += 0.1 * (u - f[k])
