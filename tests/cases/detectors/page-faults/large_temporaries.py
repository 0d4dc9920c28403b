import numpy as np

u = np.zeros((2000, 2000))
for step in range(100):  # hot: 0.95  expect: page-faults
    v = u[1:-1] + 0.1 * (u[2:] - u[:-2])  # fact: malloc_gain 1.7
    u[1:-1] = v  # fact: default_faults_count 3.1e6
    u[0] = 1.0  # fact: raised_faults_count 12000
