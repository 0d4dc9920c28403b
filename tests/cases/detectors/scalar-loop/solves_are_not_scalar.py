import numpy as np

A = np.eye(500)
b = np.ones(500)
for n in range(100):  # hot: 0.99
    b = np.linalg.solve(A, b)
