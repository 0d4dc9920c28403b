# rewritten
import numpy as np

u = np.arange(3.0)
grid = np.zeros((3, 1))
stack = np.zeros((3, 1, 1))
for i in range(4):
    grid = np.column_stack((grid, u))
    grid = np.column_stack((grid, 2 * u))
    stack = np.dstack((stack, u[:, np.newaxis]))
