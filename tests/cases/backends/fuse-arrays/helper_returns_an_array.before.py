# type: laplacian:Z numpy.ndarray float64 2 66x66
# type: U numpy.ndarray float64 2 66x66
import numpy as np


def laplacian(Z):
    return Z[:-2, 1:-1] + Z[2:, 1:-1] + Z[1:-1, :-2] + Z[1:-1, 2:] - 4 * Z[1:-1, 1:-1]


U = np.zeros((66, 66))
U[20:30, 20:30] = 1.0
for step in range(1000):  # hot: 0.9
    U[1:-1, 1:-1] += 0.1 * laplacian(U)
print(U.mean())
