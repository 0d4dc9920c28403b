# type: Heat.step:u numpy.ndarray float64 1
import numpy as np
from numpy.linalg import inv


def solver_of_band(rows, columns, values, n):
    """Solves with the LU factors of a matrix of narrow band, given by its entries; None if it is singular."""
    from scipy.linalg import get_lapack_funcs

    offsets = columns - rows
    lower, upper = -offsets.min(initial=0), offsets.max(initial=0)
    if lower <= 1 and upper <= 1 and n > 2:
        diagonals = np.zeros((3, n), values.dtype)
        diagonals[1 + offsets, np.minimum(rows, columns)] = values
        trf, trs = get_lapack_funcs(("gttrf", "gttrs"), (values,))
        *factors, info = trf(diagonals[0, :-1], diagonals[1], diagonals[2, :-1])
        return None if info else lambda b: trs(*factors, b)[0]
    band = np.zeros((2 * lower + upper + 1, n), values.dtype, order="F")
    band[lower + upper - offsets, columns] = values
    trf, trs = get_lapack_funcs(("gbtrf", "gbtrs"), (values,))
    factors, pivots, info = trf(band, lower, upper)
    return None if info else lambda b: trs(factors, lower, upper, b, pivots)[0]


class FactorisedOnce:
    """Solves A x = b for one dense A and many b: LU factors of its band, of its nonzeros, or of all of it.

    What cannot be factorised (singular matrices, stacks of matrices, other types) is left to the
    function that solved before. structure is "sym" or "pos" (definite) where that was told.
    """

    def __init__(self, A, otherwise, structure=""):
        self.A, self.otherwise, self.structure = A, otherwise, structure
        self.solve = None
        self._factorise()

    def _factorise(self):
        A = np.array(self.A) if type(self.A) is list else self.A
        if type(A) is not np.ndarray:
            return
        if A.dtype.kind in "iu":
            A = A.astype(float)
        if A.ndim != 2 or A.shape[0] != A.shape[1] or A.dtype not in (float, complex) or A.size == 0:
            return
        if not np.isfinite(A).all():
            return
        if self.structure and (A.dtype.kind == "c" or not (A == A.T).all()):
            return  # the function that solved before reads one triangle alone
        n = len(A)
        self.dtype = A.dtype
        rows, columns = np.nonzero(A)
        lower, upper = max((rows - columns).max(initial=0), 0), max((columns - rows).max(initial=0), 0)
        if self.structure != "pos" and 8 * (2 * lower + upper + 1) < n:
            self.solve = solver_of_band(rows, columns, A[rows, columns], n)
        elif self.structure != "pos" and 20 * rows.size < n * n:
            from scipy.sparse import csc_matrix
            from scipy.sparse.linalg import splu

            try:
                self.solve = splu(csc_matrix(A)).solve
            except RuntimeError:  # singular
                return
        else:
            self._factorise_densely(A, lower)

    def _factorise_densely(self, A, lower):
        from scipy.linalg import get_lapack_funcs

        if self.structure == "pos":
            if 8 * (lower + 1) < len(A):
                kinds = "pbtrf", "pbtrs"
                A = np.array([np.r_[A.diagonal(-k), np.zeros(k)] for k in range(lower + 1)])
            else:
                kinds = "potrf", "potrs"
            trf, trs = get_lapack_funcs(kinds, (A,))
            factors, info = trf(A, lower=1)
            if info == 0:
                self.solve = lambda b: trs(factors, b, lower=1)[0]
        else:
            trf, trs = get_lapack_funcs(("getrf", "getrs"), (A,))
            factors, pivots, info = trf(A)
            if info == 0:
                self.solve = lambda b: trs(factors, pivots, b)[0]

    def __call__(self, b):
        right = np.asarray(b)
        if (
            self.solve is None
            or isinstance(b, np.matrix)
            or right.ndim not in (1, 2)
            or right.shape[0] != len(self.A)
            or np.promote_types(right.dtype, self.dtype) != self.dtype
            or not np.isfinite(right).all()
        ):
            return self.otherwise(self.A, b)
        return self.solve(right.astype(self.dtype, copy=False))


class Heat:
    def __init__(self, n, r):
        self.inverse = None
        B = (1 + 2 * r) * np.eye(n)
        self.solve_inverse = FactorisedOnce(B - r * np.eye(n, k=1) - r * np.eye(n, k=-1), lambda A, b: inv(A) @ b)  # backward

    def step(self, u):  # hot: 0.9
        return self.solve_inverse(u)  # one step


u = np.ones(300)
heat = Heat(300, 0.4)
for k in range(500):
    u = heat.step(u)
print(heat.solve_inverse(u).sum())
