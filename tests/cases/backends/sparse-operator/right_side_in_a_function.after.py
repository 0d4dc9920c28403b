# type: D numpy.ndarray float64 2
import numpy as np
from scipy.integrate import solve_ivp
import scipy.sparse as sp

n = 300
D = np.zeros((n, n))
for i in range(1, n - 1):
    D[i, i - 1], D[i, i], D[i, i + 1] = 1.0, -2.0, 1.0
D_sparse = sp.csr_matrix(D)


def rhs(t, u):
    return D_sparse.dot(u)  # hot: 0.8  seen: D dense 300x300 0.01


solution = solve_ivp(rhs, (0, 10), np.ones(n), method="RK45")
print(solution.y[:, -1].sum())
