from scipy.sparse import diags
from scipy.sparse.linalg import eigsh

n = 300
A = diags([-1, 2, -1], [-1, 0, 1], shape=(n, n)).tocsr()
w, v = eigsh(A, k=4, which="SM", tol=1e-10)  # hot: 0.9
print(eigsh(A, 2, which="SM", return_eigenvectors=False), w)
