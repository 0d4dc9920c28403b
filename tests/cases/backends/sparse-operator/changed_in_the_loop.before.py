# type: L numpy.ndarray float64 2
# type: u numpy.ndarray float64 1
import numpy as np

n = 500
L = np.diag(-2.0 * np.ones(n)) + np.diag(np.ones(n - 1), 1)
u = np.ones(n)
for step in range(2000):  # hot: 0.9
    u = L @ u  # seen: L dense 500x500 0.006  refuse: is changed in the loop
    L[step % n, 0] += 1e-3
print(u.max())
