# type: A scipy.sparse._csr.csr_matrix
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import cg

A = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(900, 900)).tocsr()
u, info = cg(A, np.ones(900))  # hot: 0.9  iterated: scipy.sparse.linalg.cg 450  expect: unpreconditioned-krylov
