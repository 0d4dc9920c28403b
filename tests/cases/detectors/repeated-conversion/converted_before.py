# type: A scipy.sparse._coo.coo_matrix
# type: B scipy.sparse._csr.csr_matrix
# type: u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp

n = 3000
A = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n), format="coo")
B = A.T.tocsr()  # hot: 0.2
u = np.ones(n)
for step in range(1000):  # hot: 0.9
    u = u + 0.1 * (B @ u)
    D = A.toarray()
    D[0, 0] = step
