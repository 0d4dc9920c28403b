# type: u numpy.ndarray float64 1
import numpy as np

n = 400
A = 3 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
B = np.eye(n) + 0.5 * np.eye(n, k=1)
A_inv = np.linalg.inv(A)
u = np.ones(n)
for step in range(1000):  # hot: 0.9
    u = A_inv @ (B @ u)  # expect: explicit-inverse
