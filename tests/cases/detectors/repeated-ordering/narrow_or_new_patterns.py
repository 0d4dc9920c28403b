# type: u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 400
u = np.ones(n)
for step in range(100):  # hot: 0.9
    A = sp.diags([-1, 4 + u, -1], [-1, 0, 1], shape=(n, n)).tocsc()
    u = spsolve(A, u)  # banded: 100 1 99
    B = sp.diags([-1, 4 + u, -1], [-5 - step, 0, 5 + step], shape=(n, n)).tocsc()
    u = spsolve(B, u)  # banded: 100 104
