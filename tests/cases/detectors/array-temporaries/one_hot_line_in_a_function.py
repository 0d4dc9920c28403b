# type: laplacian:Z numpy.ndarray float64 2
# type: U numpy.ndarray float64 2
import numpy as np


def laplacian(Z):
    return Z[:-2, 1:-1] + Z[2:, 1:-1] + Z[1:-1, :-2] + Z[1:-1, 2:] - 4 * Z[1:-1, 1:-1]  # hot: 0.6  expect: array-temporaries


U = np.random.default_rng(1).random((66, 66))
for step in range(1000):
    U[1:-1, 1:-1] += 0.1 * laplacian(U)
