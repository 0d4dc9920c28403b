# type: A scipy.sparse._coo.coo_matrix
# type: u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp

n = 3000
A = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n), format="coo")
u = np.ones(n)
for step in range(1000):  # hot: 0.9
    u = u + 0.1 * (A.T.tocsr() @ u)  # expect: repeated-conversion
B = A.tocsc()
