# type: i int
# type: N int
from scipy.sparse import lil_matrix

N = 1000
A = lil_matrix((N, N))
for i in range(N):  # hot: 0.8  expect: incremental-sparse-assembly
    A[i, i] = 2.0
A = A.tocsr()
