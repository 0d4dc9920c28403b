import scipy.sparse as sp
from scipy.sparse.linalg import eigsh

n = 300
A = sp.diags([-1, 2, -1], [-1, 0, 1], shape=(n, n)).tocsc()
w, v = eigsh(A, k=4, sigma=0, which="LM")  # hot: 0.9
w, v = eigsh(A, k=4, which="LA")  # hot: 0.3
