# type: u numpy.ndarray float64 2
# type: half numpy.ndarray float64 2
# type: bands numpy.ndarray float64 2
# type: n int
# type: r float
import numpy as np
from scipy.linalg import solve_banded

n = 20
r = 0.3
u = np.sin(np.linspace(0, 3, n * n)).reshape(n, n)
bands = np.array([[-r] * n, [1 + 2 * r] * n, [-r] * n])
half = np.zeros_like(u)
for j in range(n):  # hot: 0.9
    left = u[:, j - 1] if j > 0 else np.zeros(n)
    half[:, j] = solve_banded((1, 1), bands, u[:, j] + r * left)
print(half.sum())
