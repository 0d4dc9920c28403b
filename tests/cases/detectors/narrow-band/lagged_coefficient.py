# type: u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 200
u = np.ones(n)
for step in range(100):  # hot: 0.9
    A = sp.diags([-1, 3 + u, -1], [-1, 0, 1], shape=(n, n)).tocsr()
    u = spsolve(A, u)  # banded: 100 1, expect: narrow-band
