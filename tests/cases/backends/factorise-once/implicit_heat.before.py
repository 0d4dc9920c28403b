# type: A scipy.sparse._csr.csr_matrix
# type: u numpy.ndarray float64 1
# type: dt float
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 200
dt = 1e-3
A = sp.identity(n, format="csr") + dt * sp.diags([-1, 2, -1], [-1, 0, 1], shape=(n, n)).tocsr() * n**2
u = np.sin(np.pi * np.linspace(0, 1, n))
for step in range(1000):  # hot: 0.9
    u = spsolve(A, u + dt)  # backward Euler
    if step % 100 == 0:
        print(step, u.max())
