"""The classes that are written into the user's script to solve many systems with one factorisation."""

from pdeperf.sparse.written import Additions

BAND = '''
def solver_of_band(rows, columns, values, n):
    """Solves with the LU factors of a matrix of narrow band, given by its entries; None if it is singular."""
    from scipy.linalg import get_lapack_funcs

    lower, upper = max((rows - columns).max(initial=0), 0), max((columns - rows).max(initial=0), 0)
    if lower <= 1 and upper <= 1 and n > 2:
        diagonals = {numpy}.zeros((3, n), values.dtype)
        diagonals[1 + columns - rows, {numpy}.minimum(rows, columns)] = values
        trf, trs = get_lapack_funcs(("gttrf", "gttrs"), (values,))
        *factors, info = trf(diagonals[0, :-1], diagonals[1], diagonals[2, :-1])
        return None if info else lambda b: trs(*factors, b)[0]
    band = {numpy}.zeros((2 * lower + upper + 1, n), values.dtype, order="F")
    band[lower + upper + rows - columns, columns] = values
    trf, trs = get_lapack_funcs(("gbtrf", "gbtrs"), (values,))
    factors, pivots, info = trf(band, lower, upper)
    return None if info else lambda b: trs(factors, lower, upper, b, pivots)[0]
'''
"""Factorises a band: what the sparse and the dense solvers below share."""

SPARSE = '''
class FactorisedOnce:
    """Solves A x = b for one sparse A and many b, as spsolve(A, b) does and equal to it to the bit.

    SuperLU reads a CSR matrix as the transpose of a CSC matrix, so that is what is factorised.
    Singular matrices, sparse right sides and other types are left to spsolve.
    """

    def __init__(self, A, **options):
        self.A, self.options = A, options
        self.solve, self.is_new = None, True

    def _factorise(self):
        self.is_new = False
        A = self.A
        if not {sparse}.issparse(A):
            return
        if A.format not in ("csr", "csc"):
            A = {sparse}.csc_matrix(A)
        A.sum_duplicates()
        self.dtype = {numpy}.dtype(complex if A.dtype.kind == "c" else float)
        if A.dtype != self.dtype and A.dtype not in ({numpy}.int32, {numpy}.int64):
            return
        data, mode = A.data.astype(self.dtype), "N" if A.format == "csc" else "T"
        try:
            columns = {sparse}.csc_matrix((data, A.indices, A.indptr), shape=A.shape)
            factors = {linalg}.splu(columns, **self.options)
            self.solve = lambda b: factors.solve(b, mode)
        except (RuntimeError, ValueError):  # singular or not square: spsolve knows what to say
            return

    def __call__(self, b):
        if self.is_new:
            self._factorise()
        if self.solve is not None and not {sparse}.issparse(b):
            right = {numpy}.asarray(b)
            if {numpy}.promote_types(right.dtype, self.dtype) == self.dtype:
                if right.ndim == 2 and right.shape[1] == 1:
                    right = right.ravel()
                return self.solve(right.astype(self.dtype, copy=False))
        return {linalg}.spsolve(self.A, b, **self.options)
'''

_MAKES = "            factors = {linalg}.splu(columns, **self.options)\n"
_TRIES = "        try:\n"
_SAYS = """as spsolve(A, b) does and equal to it to the bit.

"""
SPARSE_ORDERED = (
    SPARSE.replace(
        _MAKES,
        """            options = dict(self.options)
            if "permc_spec" not in options and self._is_dominant(columns):
                options["permc_spec"] = "MMD_AT_PLUS_A"
            factors = {linalg}.splu(columns, **options)
""",
    )
    .replace(
        _TRIES,
        """        if A.nnz and A.shape[0] == A.shape[1]:
            major = {numpy}.repeat({numpy}.arange(A.shape[0]), {numpy}.diff(A.indptr))
            if abs(A.indices - major).max() <= 4:
                rows, columns = (A.indices, major) if A.format == "csc" else (major, A.indices)
                self.solve = solver_of_band(rows, columns, data, A.shape[0])
                return
        try:
""",
    )
    .replace(
        _SAYS,
        """as spsolve(A, b) does.

    A narrow band is factorised as such. Where the diagonal dominates and the pattern is symmetric, the
    unknowns are ordered for that: fewer entries fill in, and the solution agrees up to rounding.
""",
    )
    .replace(
        "    def __call__(self, b):",
        """    @staticmethod
    def _is_dominant(A):
        diagonal = abs(A.diagonal())
        if not (2 * diagonal > (1 + 1e-6) * {numpy}.asarray(abs(A).sum(axis=1)).ravel()).all():
            return False
        return ((A != 0) != (A.T != 0)).nnz == 0

    def __call__(self, b):""",
    )
)
"""Knows bands, and orders the unknowns of matrices that need no pivots: equal up to rounding."""

SPARSE_GUARDED = '''
class FactorisedWhileSame:
    """Solves like spsolve(A, b), and keeps the factors of A for as long as A comes with the same values.

    Every call compares all of A's entries with those that were factorised. Three matrices are kept.
    """

    def __init__(self):
        self.kept, self.misses = [], 0

    def __call__(self, A, b, **options):
        if not {sparse}.issparse(A) or A.format not in ("csr", "csc") or self.misses > 6:
            return {linalg}.spsolve(A, b, **options)
        A.sum_duplicates()
        for known, solve in self.kept:
            if (
                (known.format, known.shape, known.dtype) == (A.format, A.shape, A.dtype)
                and solve.options == options
                and {numpy}.array_equal(known.data, A.data)
                and {numpy}.array_equal(known.indices, A.indices)
                and {numpy}.array_equal(known.indptr, A.indptr)
            ):
                self.misses = 0
                return solve(b)
        self.misses += 1
        known = A.copy()
        solve = FactorisedOnce(known, **options)
        self.kept = [(known, solve), *self.kept[:2]]
        return solve(b)
'''

DENSE = '''
class FactorisedOnce:
    """Solves A x = b for one dense A and many b: LU factors of its band, of its nonzeros, or of all of it.

    What cannot be factorised (singular matrices, stacks of matrices, other types) is left to the
    function that solved before. structure is "sym" or "pos" (definite) where that was told.
    """

    def __init__(self, A, otherwise, structure=""):
        self.A, self.otherwise, self.structure = A, otherwise, structure
        self.solve, self.is_new = None, True

    def _factorise(self):
        self.is_new = False
        A = {numpy}.array(self.A) if type(self.A) is list else self.A
        if type(A) is not {numpy}.ndarray:
            return
        if A.dtype.kind in "iu":
            A = A.astype(float)
        if A.ndim != 2 or A.shape[0] != A.shape[1] or A.dtype not in (float, complex) or A.size == 0:
            return
        if not {numpy}.isfinite(A).all():
            return
        if self.structure and (A.dtype.kind == "c" or not (A == A.T).all()):
            return  # the function that solved before reads one triangle alone
        n = len(A)
        self.dtype = A.dtype
        rows, columns = {numpy}.nonzero(A)
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
                A = {numpy}.array([{numpy}.r_[A.diagonal(-k), {numpy}.zeros(k)] for k in range(lower + 1)])
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
        if self.is_new:
            self._factorise()
        right = {numpy}.asarray(b)
        if (
            self.solve is None
            or isinstance(b, {numpy}.matrix)
            or right.ndim not in (1, 2)
            or right.shape[0] != len(self.A)
            or {numpy}.promote_types(right.dtype, self.dtype) != self.dtype
            or not {numpy}.isfinite(right).all()
        ):
            return self.otherwise(self.A, b)
        return self.solve(right.astype(self.dtype, copy=False))
'''

DENSE_GUARDED = '''
class FactorisedWhileSame:
    """Solves dense systems, and keeps the factors of A for as long as A comes with the same values.

    Every call compares all of A's entries with those that were factorised. Three matrices are kept.
    """

    def __init__(self, otherwise, structure=""):
        self.otherwise, self.structure, self.kept = otherwise, structure, []

    def __call__(self, A, b):
        A = {numpy}.array(A) if type(A) is list else A
        if type(A) is not {numpy}.ndarray:
            return self.otherwise(A, b)
        for known, solve in self.kept:
            if known.dtype == A.dtype and {numpy}.array_equal(known, A):
                return solve(b)
        known = A.copy()
        solve = FactorisedOnce(known, self.otherwise, self.structure)
        self.kept = [(known, solve), *self.kept[:2]]
        return solve(b)
'''

BANDED = '''
def solved_by_band(A, b, **options):
    """As spsolve(A, b), by LU factors of the band where A has a narrow one: equal up to rounding."""
    right = {numpy}.asarray(None if {sparse}.issparse(b) else b)
    fits = {sparse}.issparse(A) and right.shape == A.shape[:1] == A.shape[1:] and A.nnz > 0
    if fits and A.dtype == right.dtype and A.dtype in (float, complex):
        banded = A if A.format in ("csr", "csc") else {sparse}.csc_matrix(A)
        banded.sum_duplicates()
        major = {numpy}.repeat({numpy}.arange(right.size), {numpy}.diff(banded.indptr))
        if abs(banded.indices - major).max() <= 4:
            places = (banded.indices, major) if banded.format == "csc" else (major, banded.indices)
            solve = solver_of_band(*places, banded.data, right.size)
            if solve is not None:
                return solve(right)
    return {linalg}.spsolve(A, b, **options)
'''
"""For matrices of narrow band that are others in each call."""


def solver_class(added: Additions, template: str) -> str:
    """Add a class or a function that solves, with the function for bands that it may call; give its name."""
    if "solver_of_band" not in template:
        return added.definition(template)
    return added.definition(template, {"solver_of_band": added.definition(BAND)})
