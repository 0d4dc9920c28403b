# type: march:A scipy.sparse._csc.csc_matrix
# type: march:u numpy.ndarray float64 1
# type: march:dt float
import numpy as np
import scipy.sparse as sp
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


class FactorisedWhileSame:
    """Solves like spsolve(A, b), and keeps the factors of A for as long as A comes with the same values.

    Every call compares all of A's entries with those that were factorised. Three matrices are kept.
    """

    def __init__(self):
        self.kept, self.misses = [], 0

    def __call__(self, A, b, **options):
        if not sp.issparse(A) or A.format not in ("csr", "csc") or self.misses > 6:
            return spla.spsolve(A, b, **options)
        A.sum_duplicates()
        for known, solve in self.kept:
            if (
                (known.format, known.shape, known.dtype) == (A.format, A.shape, A.dtype)
                and solve.options == options
                and np.array_equal(known.data, A.data)
                and np.array_equal(known.indices, A.indices)
                and np.array_equal(known.indptr, A.indptr)
            ):
                self.misses = 0
                return solve(b)
        self.misses += 1
        known = A.copy()
        solve = FactorisedOnce(known, **options)
        self.kept = [(known, solve), *self.kept[:2]]
        return solve(b)


solve_A = FactorisedWhileSame()


def march(u, L, dt, t_end):
    t = 0.0
    while t < t_end:  # hot: 0.9
        # the operator depends on the step
        A = (sp.identity(len(u)) - dt * L).tocsc()
        u = solve_A(A, u)
        t += dt
        if t > 0.5:
            dt = 2e-3
    return u


n = 200
L = sp.diags([1, -2, 1], [-1, 0, 1], shape=(n, n)).tocsc() * n**2
print(march(np.ones(n), L, 1e-3, 1.0).sum())
