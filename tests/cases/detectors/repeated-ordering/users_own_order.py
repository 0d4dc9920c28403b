# type: u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 20
u = np.ones(n * n)
for step in range(100):  # hot: 0.9
    A = sp.diags([-1, 4 + u, -1], [-n, 0, n], shape=(n * n, n * n)).tocsc()
    u = spsolve(A, u, permc_spec="MMD_AT_PLUS_A")  # banded: 100 20 99
