# type: A numpy.ndarray float64 2
# type: B numpy.ndarray float64 2
# type: u numpy.ndarray float64 1
import numpy as np

n = 300
r = 0.4
A = (1 + r) * np.eye(n) - r / 2 * (np.eye(n, k=1) + np.eye(n, k=-1))
B = (1 - r) * np.eye(n) + r / 2 * (np.eye(n, k=1) + np.eye(n, k=-1))
u = np.sin(np.pi * np.linspace(0, 1, n))
for k in range(500):  # hot: 0.95
    u = np.linalg.solve(A, B @ u)
print(u.sum())
