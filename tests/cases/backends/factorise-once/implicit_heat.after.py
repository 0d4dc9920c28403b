# type: A scipy.sparse._csr.csr_matrix
# type: u numpy.ndarray float64 1
# type: dt float
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
import scipy.sparse.linalg as spla


def solver_of_band(rows, columns, values, n):
    """Solves with the LU factors of a matrix of narrow band, given by its entries; None if it is singular."""
    from scipy.linalg import get_lapack_funcs

    lower, upper = max((rows - columns).max(initial=0), 0), max((columns - rows).max(initial=0), 0)
    if lower <= 1 and upper <= 1 and n > 2:
        diagonals = np.zeros((3, n), values.dtype)
        diagonals[1 + columns - rows, np.minimum(rows, columns)] = values
        trf, trs = get_lapack_funcs(("gttrf", "gttrs"), (values,))
        *factors, info = trf(diagonals[0, :-1], diagonals[1], diagonals[2, :-1])
        return None if info else lambda b: trs(*factors, b)[0]
    band = np.zeros((2 * lower + upper + 1, n), values.dtype, order="F")
    band[lower + upper + rows - columns, columns] = values
    trf, trs = get_lapack_funcs(("gbtrf", "gbtrs"), (values,))
    factors, pivots, info = trf(band, lower, upper)
    return None if info else lambda b: trs(factors, lower, upper, b, pivots)[0]


class FactorisedOnce:
    """Solves A x = b for one sparse A and many b, as spsolve(A, b) does.

    A narrow band is factorised as such. Where the diagonal dominates and the pattern is symmetric, the
    unknowns are ordered for that: fewer entries fill in, and the solution agrees up to rounding.
    SuperLU reads a CSR matrix as the transpose of a CSC matrix, so that is what is factorised.
    Singular matrices, sparse right sides and other types are left to spsolve.
    """

    def __init__(self, A, **options):
        self.A, self.options = A, options
        self.solve, self.is_new = None, True

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
        data, mode = A.data.astype(self.dtype), "N" if A.format == "csc" else "T"
        if A.nnz and A.shape[0] == A.shape[1]:
            major = np.repeat(np.arange(A.shape[0]), np.diff(A.indptr))
            if abs(A.indices - major).max() <= 4:
                rows, columns = (A.indices, major) if A.format == "csc" else (major, A.indices)
                self.solve = solver_of_band(rows, columns, data, A.shape[0])
                return
        try:
            columns = sp.csc_matrix((data, A.indices, A.indptr), shape=A.shape)
            options = dict(self.options)
            if "permc_spec" not in options and self._is_dominant(columns):
                options["permc_spec"] = "MMD_AT_PLUS_A"
            factors = spla.splu(columns, **options)
            self.solve = lambda b: factors.solve(b, mode)
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
        if self.solve is not None and not sp.issparse(b):
            right = np.asarray(b)
            if np.promote_types(right.dtype, self.dtype) == self.dtype:
                if right.ndim == 2 and right.shape[1] == 1:
                    right = right.ravel()
                return self.solve(right.astype(self.dtype, copy=False))
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
