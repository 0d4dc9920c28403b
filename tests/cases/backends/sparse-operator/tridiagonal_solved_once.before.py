# type: A numpy.ndarray float64 2
# type: f numpy.ndarray float64 1
import numpy as np

n = 3000
A = 2.0 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
f = np.ones(n)
u = np.linalg.solve(A, f)  # hot: 0.9  seen: numpy.linalg.solve dense 3000x3000 0.001
print(u.max())
