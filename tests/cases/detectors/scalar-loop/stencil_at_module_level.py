import numpy as np

u = np.zeros((100, 100))
for n in range(50):
    un = u.copy()
    for i in range(1, 99):  # hot: 0.98  expect: scalar-loop
        for j in range(1, 99):
            u[i, j] = 0.25 * (un[i + 1, j] + un[i - 1, j] + un[i, j + 1] + un[i, j - 1])
