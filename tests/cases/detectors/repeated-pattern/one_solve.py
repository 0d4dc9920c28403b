# type: u numpy.ndarray float64 1
# type: L scipy.sparse._csr.csr_matrix
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 50
L = sp.diags([1.0, -2.5, 1.0], [-1, 0, 1], shape=(n, n)).tocsr()
u = np.linspace(1, 2, n)
for k in range(2):
    J = L - sp.diags(u) + sp.diags(u, 5, shape=(n, n))  # hot: 0.4
    u = u - spsolve(J.tocsc(), L @ u)  # banded: 2 5 1
