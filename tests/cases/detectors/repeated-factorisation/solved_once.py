# type: A scipy.sparse._csr.csr_matrix
# type: b numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 200000
A = sp.diags([-1, 3, -1], [-1, 0, 1], shape=(n, n)).tocsr()
b = np.ones(n)
u = spsolve(A, b)  # hot: 0.8
