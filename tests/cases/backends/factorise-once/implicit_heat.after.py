# type: A scipy.sparse._csr.csr_matrix
# type: u numpy.ndarray float64 1
# type: dt float
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
import scipy.sparse.linalg as spla


class FactorisedOnce:
    """Solves A x = b for one sparse A and many b, as spsolve(A, b) does.

    Where the diagonal dominates and the pattern is symmetric, the unknowns are ordered for that:
    fewer entries fill in, and the solution agrees up to rounding.
    SuperLU reads a CSR matrix as the transpose of a CSC matrix, so that is what is factorised.
    Singular matrices, sparse right sides and other types are left to spsolve.
    """

    def __init__(self, A, **options):
        self.A, self.options = A, options
        self.factors, self.is_new = None, True

    def _factorise(self):
        self.is_new = False
        A = self.A
        if not sp.issparse(A):
            return
        if A.format not in ("csr", "csc"):
            A = sp.csc_matrix(A)
        A.sum_duplicates()
        self.dtype = np.dtype(complex if A.dtype.kind == "c" else float)
        if A.dtype != self.dtype and A.dtype not in (np.int32, np.int64):
            return
        data, self.mode = A.data.astype(self.dtype), "N" if A.format == "csc" else "T"
        try:
            columns = sp.csc_matrix((data, A.indices, A.indptr), shape=A.shape)
            options = dict(self.options)
            if "permc_spec" not in options and self._is_dominant(columns):
                options["permc_spec"] = "MMD_AT_PLUS_A"
            self.factors = spla.splu(columns, **options)
        except (RuntimeError, ValueError):  # singular or not square: spsolve knows what to say
            return

    @staticmethod
    def _is_dominant(A):
        diagonal = abs(A.diagonal())
        if not (2 * diagonal > (1 + 1e-6) * np.asarray(abs(A).sum(axis=1)).ravel()).all():
            return False
        return ((A != 0) != (A.T != 0)).nnz == 0

    def __call__(self, b):
        if self.is_new:
            self._factorise()
        if self.factors is not None and not sp.issparse(b):
            right = np.asarray(b)
            if np.promote_types(right.dtype, self.dtype) == self.dtype:
                if right.ndim == 2 and right.shape[1] == 1:
                    right = right.ravel()
                return self.factors.solve(right.astype(self.dtype, copy=False), self.mode)
        return spla.spsolve(self.A, b, **self.options)


n = 200
dt = 1e-3
A = sp.identity(n, format="csr") + dt * sp.diags([-1, 2, -1], [-1, 0, 1], shape=(n, n)).tocsr() * n**2
u = np.sin(np.pi * np.linspace(0, 1, n))
solve_A = FactorisedOnce(A)
for step in range(1000):  # hot: 0.9
    u = solve_A(u + dt)  # backward Euler
    if step % 100 == 0:
        print(step, u.max())
