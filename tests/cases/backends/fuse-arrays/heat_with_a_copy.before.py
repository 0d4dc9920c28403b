# type: u numpy.ndarray float64 1 401
# type: un numpy.ndarray float64 1 401
# type: c float
import numpy as np

c = 0.2
u = np.zeros(401)
u[200] = 1.0
# the time loop
for step in range(2000):  # hot: 0.95
    un = u.copy()
    u[1:-1] = un[1:-1] + c * (un[2:] - 2 * un[1:-1] + un[:-2])
    u[0] = 0.0
print(u.sum())
