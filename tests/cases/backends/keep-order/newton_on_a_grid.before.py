# type: u numpy.ndarray float64 1
# type: J scipy.sparse._csc.csc_matrix
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 20
D = sp.diags([1, -2, 1], [-1, 0, 1], shape=(n, n)) * (n + 1) ** 2
L = (sp.kron(sp.identity(n), D) + sp.kron(D, sp.identity(n))).tocsc()
u = np.zeros(n * n)
for iteration in range(8):  # hot: 0.9
    J = (L + sp.diags(np.exp(u))).tocsc()
    u -= spsolve(J, L @ u + np.exp(u))  # banded: 8 20 7
print(u.sum())
