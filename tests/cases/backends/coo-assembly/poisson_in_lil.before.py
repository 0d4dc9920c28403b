# type: i int
# type: j int
# type: k int
# type: n int
# type: b numpy.ndarray float64 1
import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

n = 100
N = n * n
A = lil_matrix((N, N))  # five points
b = np.ones(N) / n**2
for i in range(n):  # hot: 0.8
    for j in range(n):
        k = i * n + j
        if i in (0, n - 1) or j in (0, n - 1):
            A[k, k] = 1.0  # boundary
            b[k] = 0.0
        else:
            A[k, k] = 4.0
            A[k, k - 1] = -1.0
            A[k, k + 1] = -1.0
            A[k, k - n] = -1.0
            A[k, k + n] = -1.0
u = spsolve(A.tocsr(), b)
print(u.max())
