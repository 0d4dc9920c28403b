# type: laplacian:Z numpy.ndarray float64 2 66x66
# type: U numpy.ndarray float64 2 66x66
import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def update_U(U):
    """Updates U in place."""
    U_old = U
    U_new = np.empty_like(U)
    for step in range(1000):  # hot: 0.9
        for i in range(1, U.shape[0] - 1):
            for j in range(1, U.shape[1] - 1):
                U_new[i, j] = (
                    U_old[i, j]
                    + 0.1
                    * (U_old[i - 1, j] + U_old[i + 1, j] + U_old[i, j - 1] + U_old[i, j + 1]
                    - 4 * U_old[i, j])
                )
        for i in range(U.shape[1]):
            U_new[0, i] = U_old[0, i]
            U_new[U.shape[0] - 1, i] = U_old[U.shape[0] - 1, i]
        for i in range(1, U.shape[0] - 1):
            U_new[i, 0] = U_old[i, 0]
            U_new[i, U.shape[1] - 1] = U_old[i, U.shape[1] - 1]
        U_old, U_new = U_new, U_old
    if U_old is not U:
        for i in range(U.shape[0]):
            for j in range(U.shape[1]):
                U[i, j] = U_old[i, j]


def laplacian(Z):
    return Z[:-2, 1:-1] + Z[2:, 1:-1] + Z[1:-1, :-2] + Z[1:-1, 2:] - 4 * Z[1:-1, 1:-1]


U = np.zeros((66, 66))
U[20:30, 20:30] = 1.0
if U.shape[0] >= 2 and U.shape[1] >= 2:
    update_U(U)
else:
    for step in range(1000):  # hot: 0.9
        U[1:-1, 1:-1] += 0.1 * laplacian(U)
print(U.mean())
