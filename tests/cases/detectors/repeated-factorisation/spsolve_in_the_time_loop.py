# type: A scipy.sparse._csr.csr_matrix
# type: u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 200
A = sp.diags([-1, 3, -1], [-1, 0, 1], shape=(n, n)).tocsr()
u = np.ones(n)
for step in range(1000):  # hot: 0.9
    u = spsolve(A, u)  # expect: repeated-factorisation
