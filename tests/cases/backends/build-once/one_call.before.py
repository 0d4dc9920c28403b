import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve


def matrix(n, dt, c):
    A = sp.lil_matrix((n, n))
    for i in range(n):
        A[i, i] = 1 + 2 * dt * c[i]
        if i > 0:
            A[i, i - 1] = -dt * c[i]
    return A.tocsr()


n = 200
c = np.linspace(1, 2, n)
u = np.ones(n)
dt = 0.1
for step in range(50):  # hot: 0.9
    A = matrix(n, dt, c)
    u = spsolve(A, u)
    if step == 25:
        dt = dt / 2
print(u.max())
