# type: build:i int
# type: build:k int
# type: build:dx float
# type: build:nu float
# type: build:n int
# type: build:u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp


def mean(a, b):
    """Of two values."""
    return 0.5 * (a + b)


def build(n, dx, nu, u):
    A = sp.lil_matrix((n, n))
    M = sp.lil_matrix((n, n))
    for i in range(1, n - 1):  # hot: 0.6
        # diffusion
        A[i, i - 1] -= nu / dx**2
        A[i, i] += 2 * nu / dx**2
        A[i, i + 1] -= nu / dx**2
        M[i, i] = mean(u[i], u[i + 1])
    A_end = 1.0
    for k in (0, n - 1):
        A[k, k] = A_end
        M[k, k] = 1.0
    return A.tocsr(), M.tocsc()


A, M = build(2000, 0.01, 0.1, np.linspace(0, 1, 2000))
print(A.sum(), M.sum())
