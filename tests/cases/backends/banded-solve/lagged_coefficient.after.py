# type: u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
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


def solved_by_band(A, b, **options):
    """As spsolve(A, b), by LU factors of the band where A has a narrow one: equal up to rounding."""
    right = np.asarray(None if sp.issparse(b) else b)
    fits = sp.issparse(A) and right.shape == A.shape[:1] == A.shape[1:] and A.nnz > 0
    if fits and A.dtype == right.dtype and A.dtype in (float, complex):
        banded = A if A.format in ("csr", "csc") else sp.csc_matrix(A)
        banded.sum_duplicates()
        major = np.repeat(np.arange(right.size), np.diff(banded.indptr))
        if abs(banded.indices - major).max() <= 4:
            places = (banded.indices, major) if banded.format == "csc" else (major, banded.indices)
            solve = solver_of_band(*places, banded.data, right.size)
            if solve is not None:
                return solve(right)
    return spla.spsolve(A, b, **options)


n = 200
u = np.ones(n)
for step in range(100):  # hot: 0.9
    A = sp.diags([-1, 3 + u, -1], [-1, 0, 1], shape=(n, n)).tocsr()
    u = solved_by_band(A, u)  # banded: 100 1
print(u.sum())
