# type: L numpy.ndarray float64 2
# type: D numpy.ndarray float64 2
# type: u numpy.ndarray float64 1
# type: v numpy.ndarray float64 1
import numpy as np

n = 500
L = np.ones((n, n))
D = np.eye(20)
u = np.ones(n)
v = np.ones(20)
for step in range(2000):  # hot: 0.9
    u = L @ u / n  # seen: L dense 500x500 1.0
    v = D @ v  # seen: D dense 20x20 0.05
