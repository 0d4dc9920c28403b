# type: L numpy.ndarray float64 2
# type: u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp

n = 500
L = sp.diags_array([-2.0 * np.ones(n), np.ones(n - 1), np.ones(n - 1)], offsets=[0, 1, -1]).tocsr()
u = np.sin(np.pi * np.linspace(0, 1, n))
for step in range(2000):  # hot: 0.9
    u = u + 0.1 * L.dot(u)  # explicit Euler  seen: L dense 500x500 0.006
    u[0] = u[-1] = 0.0
print(u.max())
