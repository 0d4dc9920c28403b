# type: A scipy.sparse._csr.csr_matrix
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

A = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(300, 300)).tocsr()
for k in range(1000):  # hot: 0.9
    u = spsolve(A, np.ones(300))  # solved: 300 scipy.sparse.linalg.spsolve 0.05
    v = sorted(u)
