import scipy.sparse as sp
import scipy.sparse.linalg as sla

n = 300
A = sp.diags([-1, 2, -1], [-1, 0, 1], shape=(n, n)).tocsr()
w, v = sla.eigsh(A, k=4, which="SM")  # hot: 0.9, expect: smallest-eigenvalues
