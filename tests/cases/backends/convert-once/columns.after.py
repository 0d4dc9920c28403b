# type: A scipy.sparse._csr.csr_matrix
# type: norms numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp

n = 3000
A = sp.random(n, n, density=0.002, format="csr", random_state=0)
norms = np.zeros(n)
A_tocoo = A.tocoo()
A_tocsc = A.tocsc()
for j in range(n):  # hot: 0.9
    column = A_tocsc[:, j].toarray().ravel()  # one of them
    norms[j] = np.sqrt(np.sum(column**2)) + A_tocoo.sum()
print(norms.max())
