# type: i int
from scipy.sparse import lil_matrix

N = 1000
A = lil_matrix((N, N))
for i in range(1, N):  # hot: 0.8
    A[i, i - 1] = -1.0
    A[i, i] = 1.0 - A[i, i - 1]  # refuse: line 8 does more with it
print(A.sum())
