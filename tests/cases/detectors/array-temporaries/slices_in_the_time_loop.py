# type: u numpy.ndarray float64 1
# type: un numpy.ndarray float64 1
# type: c float
import numpy as np

n = 401
c = 0.2
u = np.zeros(n)
u[n // 2] = 1.0
for step in range(2000):  # hot: 0.95  expect: array-temporaries
    un = u.copy()
    u[1:-1] = un[1:-1] + c * (un[2:] - 2 * un[1:-1] + un[:-2])
    u[0] = 0.0
