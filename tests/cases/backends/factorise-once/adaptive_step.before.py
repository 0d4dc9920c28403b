# type: march:A scipy.sparse._csc.csc_matrix
# type: march:u numpy.ndarray float64 1
# type: march:dt float
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla


def march(u, L, dt, t_end):
    t = 0.0
    while t < t_end:  # hot: 0.9
        # the operator depends on the step
        A = (sp.identity(len(u)) - dt * L).tocsc()
        u = spla.spsolve(A, u)
        t += dt
        if t > 0.5:
            dt = 2e-3
    return u


n = 200
L = sp.diags([1, -2, 1], [-1, 0, 1], shape=(n, n)).tocsc() * n**2
print(march(np.ones(n), L, 1e-3, 1.0).sum())
