# type: A scipy.sparse._csr.csr_matrix
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator, cg

A = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(900, 900)).tocsr()
M = sp.diags(1 / A.diagonal())
for k in range(9):  # hot: 0.9
    u, info = cg(A, np.ones(900), M=M)  # iterated: scipy.sparse.linalg.cg 450
    v, info = cg(A, np.ones(900))  # iterated: scipy.sparse.linalg.cg 12
