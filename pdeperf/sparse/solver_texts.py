"""The classes that are written into the user's script to solve many systems with one factorisation."""

from pdeperf.sparse.written import Additions

BAND = '''
def solver_of_band(rows, columns, values, n):
    """Solves with the LU factors of a matrix of narrow band, given by its entries; None if it is singular."""
    from scipy.linalg import get_lapack_funcs

    offsets = columns - rows
    lower, upper = -offsets.min(initial=0), offsets.max(initial=0)
    if lower <= 1 and upper <= 1 and n > 2:
        diagonals = {numpy}.zeros((3, n), values.dtype)
        diagonals[1 + offsets, {numpy}.minimum(rows, columns)] = values
        trf, trs = get_lapack_funcs(("gttrf", "gttrs"), (values,))
        *factors, info = trf(diagonals[0, :-1], diagonals[1], diagonals[2, :-1])
        return None if info else lambda b: trs(*factors, b)[0]
    band = {numpy}.zeros((2 * lower + upper + 1, n), values.dtype, order="F")
    band[lower + upper - offsets, columns] = values
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
        self.A, self.options, self.solve = A, options, None
        if not {sparse}.issparse(A) or A.dtype not in (float, complex, {numpy}.int32, {numpy}.int64):
            return
        columns = A if A.format in ("csr", "csc") else {sparse}.csc_matrix(A)
        columns.sum_duplicates()
        mode = "T" if columns.format == "csr" else "N"
        self.dtype = {numpy}.result_type(A.dtype, float)
        parts = columns.data.astype(self.dtype), columns.indices, columns.indptr
        try:
            factors = {linalg}.splu({sparse}.csc_matrix(parts, shape=A.shape), **options)
        except (RuntimeError, ValueError):  # singular or not square: spsolve knows what to say
            return
        self.solve = lambda b: factors.solve(b, mode)

    def __call__(self, b):
        right = {numpy}.asarray(b)
        if self.solve is None or {numpy}.promote_types(right.dtype, self.dtype) != self.dtype:
            return {linalg}.spsolve(self.A, b, **self.options)
        right = right.ravel() if right.ndim == 2 and right.shape[1] == 1 else right
        return self.solve(right.astype(self.dtype, copy=False))
'''

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

_CALL_DENSE = """
    def __call__(self, b):
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
"""

DENSE = (
    '''
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
'''
    + _CALL_DENSE
)

DENSE_GUARDED = '''
class FactorisedWhileSame:
    """Solves dense systems, and keeps the factors of A for as long as A comes with the same values.

    Every call compares all of A's entries with those that were factorised. Three matrices are kept.
    """

    def __init__(self, otherwise, *structure):
        self.otherwise, self.structure, self.kept = otherwise, structure, []

    def __call__(self, A, b):
        A = {numpy}.array(A) if type(A) is list else A
        if type(A) is not {numpy}.ndarray:
            return self.otherwise(A, b)
        for known, solve in self.kept:
            if known.dtype == A.dtype and {numpy}.array_equal(known, A):
                return solve(b)
        known = A.copy()
        solve = FactorisedOnce(known, self.otherwise, *self.structure)
        self.kept = [(known, solve), *self.kept[:2]]
        return solve(b)
'''

OF_BANDS = "LU factors of a matrix, dense or sparse, whose nonzeros lie in a narrow band."
BAND_FACTORS = '''
class BandFactors:
    """DOCUMENTED"""

    def __init__(self, A):
        is_dense = type(A) is {numpy}.ndarray
        rows, columns = {numpy}.divmod({numpy}.flatnonzero(A != 0), len(A)) if is_dense else A.nonzero()
        values = {numpy}.asarray(A[rows, columns], {numpy}.result_type(A.dtype, float)).ravel()
        solved, size = solver_of_band(rows, columns, values, A.shape[0]), A.shape[0]
        if solved is None:
            raise {numpy}.linalg.LinAlgError("Singular matrix")

        def checked(b):
            if len(b) != size:
                raise ValueError("the right side has another length than the matrix")
            if values.dtype == float and {numpy}.iscomplexobj(b):
                return solved({numpy}.real(b)) + 1j * solved({numpy}.imag(b))
            return solved(b)

        self.solve = checked
'''.replace("DOCUMENTED", OF_BANDS)

KEPT_FACTORS = '''
class KeptFactors:
    """The factors of a matrix; those of the last three are kept for when one of them comes again."""

    def __init__(self, factorise):
        self.factorise, self.kept = factorise, []

    def __call__(self, A):
ENTRIES        for known, factors in self.kept:
            if SAME:
                return factors
        factors = self.factorise(A)
        self.kept = [(COPIED, factors), *self.kept[:2]]
        return factors
'''

FACTORS_KEPT = '''
class FactorsWhileSame:
    """The factors of the last three matrices, for when one of them comes again, equal to the bit."""

    def __init__(self, factorise):
        self.factorise, self.kept = factorise, []

    def __call__(self, A):
        if not ({sparse}.issparse(A) and A.format in ("csr", "csc")):
            return self.factorise(A)
        entries = type(A), A.shape, A.dtype, *(one.tobytes() for one in (A.indptr, A.indices, A.data))
        for known, factors in self.kept:
            if known == entries:
                return factors
        factors = self.factorise(A)
        self.kept = [(entries, factors), *self.kept[:2]]
        return factors
'''
"""For functions that a script itself factorises with."""

DENSE_FACTORS_KEPT = (
    FACTORS_KEPT.replace(
        'not ({sparse}.issparse(A) and A.format in ("csr", "csc"))', "type(A) is not {numpy}.ndarray"
    )
).replace(
    "type(A), A.shape, A.dtype, *(one.tobytes() for one in (A.indptr, A.indices, A.data))",
    "A.shape, A.dtype, A.tobytes()",
)

SAME_ARRAYS = "known.dtype == A.dtype and {numpy}.array_equal(known, A)"
ENTRIES_SPARSE = """\
        arrays = A.indptr, A.indices, A.data
        entries = A.format, A.shape, A.dtype, *(one.tobytes() for one in arrays)
"""
"""All that makes a sparse matrix: compared to the bit."""


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

DENSE_BANDED = '''
def solved_by_band(A, b):
    """As SOLVE(A, b), by LU factors of the band where A has a narrow one: equal up to rounding."""
    if type(A) is type(b) is {numpy}.ndarray and A.ndim == 2 and A.shape[:1] == A.shape[1:] == b.shape[:1]:
        rows, columns = {numpy}.divmod({numpy}.flatnonzero(A != 0), len(A))
        values = A[rows, columns]
        is_narrow = 8 * (3 * abs(rows - columns).max(initial=0) + 1) < len(A)
        if is_narrow and A.dtype == b.dtype in (float, complex) and {numpy}.isfinite(values).all():
            solve = solver_of_band(rows, columns, values, len(A))
            if solve is not None and {numpy}.isfinite(b).all():
                return solve(b)
    return SOLVE(A, b)
'''
"""The same for dense ones; ``SOLVE`` is what solved before."""


def solver_class(added: Additions, template: str) -> str:
    """Add a class or a function that solves, with the function for bands that it may call; give its name."""
    if "solver_of_band" not in template:
        return added.definition(template)
    return added.definition(template, {"solver_of_band": added.definition(BAND)})
