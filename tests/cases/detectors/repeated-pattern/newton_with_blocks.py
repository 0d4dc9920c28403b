# type: u numpy.ndarray float64 1
# type: v numpy.ndarray float64 1
# type: L scipy.sparse._csr.csr_matrix
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 50
L = sp.diags([1.0, -2.5, 1.0], [-1, 0, 1], shape=(n, n)).tocsr()
u, v = np.linspace(1, 2, n), np.linspace(2, 1, n)
for k in range(40):  # hot: 0.9
    a, b = v**2, 2 * u * v
    A = L - sp.diags(a)  # expect: repeated-pattern
    B = 2 * L + sp.diags(b)  # the second species
    J = sp.bmat([[A, sp.diags(-b)], [sp.diags(a), B]], format="csc")
    d = spsolve(J, np.concatenate([L @ u, L @ v]))  # banded: 40 50 39
    u, v = u - d[:n], v - d[n:]
print(u.sum(), v.sum())
