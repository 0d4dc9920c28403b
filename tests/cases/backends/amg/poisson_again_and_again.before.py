# type: A scipy.sparse._csr.csr_matrix
# type: b numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import cg

n = 200
T = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(n, n))
A = (sp.kron(sp.identity(n), T) + sp.kron(T, sp.identity(n))).tocsr()
b = np.ones(n * n)
for step in range(10):  # hot: 0.9
    u, info = cg(A, b, rtol=1e-8)  # tight  iterated: scipy.sparse.linalg.cg 500
    b = 0.5 * b + u / np.abs(u).max()
print(u.max())
