# type: A scipy.sparse._csr.csr_matrix
# type: u numpy.ndarray float64 1
# type: dt float
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
import scipy.sparse.linalg as spla


class FactorisedOnce:
    """Solves A x = b for one sparse A and many b, as spsolve(A, b) does and equal to it to the bit.

    SuperLU reads a CSR matrix as the transpose of a CSC matrix, so that is what is factorised.
    Singular matrices, sparse right sides and other types are left to spsolve.
    """

    def __init__(self, A, **options):
        self.A, self.options, self.solve = A, options, None
        if not sp.issparse(A) or A.dtype not in (float, complex, np.int32, np.int64):
            return
        columns = A if A.format in ("csr", "csc") else sp.csc_matrix(A)
        columns.sum_duplicates()
        mode = "T" if columns.format == "csr" else "N"
        self.dtype = np.result_type(A.dtype, float)
        parts = columns.data.astype(self.dtype), columns.indices, columns.indptr
        try:
            factors = spla.splu(sp.csc_matrix(parts, shape=A.shape), **options)
        except (RuntimeError, ValueError):  # singular or not square: spsolve knows what to say
            return
        self.solve = lambda b: factors.solve(b, mode)

    def __call__(self, b):
        right = np.asarray(b)
        if self.solve is None or np.promote_types(right.dtype, self.dtype) != self.dtype:
            return spla.spsolve(self.A, b, **self.options)
        right = right.ravel() if right.ndim == 2 and right.shape[1] == 1 else right
        return self.solve(right.astype(self.dtype, copy=False))


n = 200
dt = 1e-3
A = sp.identity(n, format="csr") + dt * sp.diags([-1, 2, -1], [-1, 0, 1], shape=(n, n)).tocsr() * n**2
u = np.sin(np.pi * np.linspace(0, 1, n))
solve_A = FactorisedOnce(A)
for step in range(1000):  # hot: 0.9
    u = solve_A(u + dt)  # backward Euler
    if step % 100 == 0:
        print(step, u.max())
