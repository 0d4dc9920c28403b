"""The class that is written into the user's script to solve with matrices of one pattern in one order."""

IN_KEPT_ORDER = '''
class SolvesInKeptOrder:
    """Solves like spsolve(A, b), and looks for the order of the unknowns once for all matrices of a pattern.

    Of SuperLU's orders the one is kept whose factors have fewer entries. That for symmetric patterns keeps
    pivots on the diagonal unless they are small: there the residual must be at the level of rounding in
    every row. The orders of three patterns are kept, with the factors of the last matrix of each; what is
    not double, or singular, is left to spsolve.
    """

    SYMMETRIC = {"diag_pivot_thresh": 0.001, "options": {"SymmetricMode": True}}

    def __init__(self):
        self.kept, self.misses, self.may_be_symmetric = [], 0, True

    def __call__(self, A, b, **options):
        right = b if type(b) is {numpy}.ndarray else {numpy}.array(None)
        right = right.ravel() if right.ndim == 2 and right.shape[1] == 1 else right
        if (
            self.misses > 6
            or not ({sparse}.issparse(A) and A.format in ("csr", "csc") and A.dtype in (float, complex))
            or not right.shape == A.shape[:1] == A.shape[1:]
            or A.nnz == 0
            or right.dtype.char not in ("d", "l", A.dtype.char)
        ):
            return {linalg}.spsolve(A, b, **options)
        A.sum_duplicates()
        try:
            return self.solve(A, right.astype(A.dtype))
        except RuntimeError:  # singular: spsolve knows what to say
            return {linalg}.spsolve(A, b, **options)

    def solve(self, A, b):
        order, places, ordered, options, factors = found = self.order_for(A)
        values = A.data[places]
        if factors is None or not {numpy}.array_equal(values, ordered.data):
            ordered.data, found[-1] = values, None
            factors = {linalg}.splu(ordered, permc_spec="NATURAL", panel_size=1, **options)
            found[-1] = factors
        x = {numpy}.empty_like(b)
        x[order] = factors.solve(b[order], "T" if A.format == "csr" else "N")  # rows are read as columns
        sizes = type(A)((abs(A.data), A.indices, A.indptr), shape=A.shape) if options else None
        if options and not (abs(b - A @ x) <= 1e-14 * (sizes @ abs(x) + abs(b))).all():
            self.kept, self.may_be_symmetric = [], False
            return self.solve(A, b)
        return x

    def order_for(self, A):
        pattern = A.format, A.shape, A.dtype, A.indptr.tobytes(), A.indices.tobytes()
        for known, found in self.kept:
            if known == pattern:
                self.misses = 0
                return found
        self.misses += 1
        columns = {sparse}.csc_matrix((A.data, A.indices, A.indptr), shape=A.shape)
        factors, options = {linalg}.splu(columns), {}
        largest = abs(columns).max(axis=0).toarray().ravel()
        if self.may_be_symmetric and (abs(columns.diagonal()) >= 0.001 * largest).all():
            other = {linalg}.splu(columns, permc_spec="MMD_AT_PLUS_A", **self.SYMMETRIC)
            if other.nnz < factors.nnz:
                factors, options = other, self.SYMMETRIC
        order = {numpy}.argsort(factors.perm_c)
        numbered = {sparse}.csc_matrix(({numpy}.arange(A.nnz), A.indices, A.indptr), shape=A.shape)
        ordered = numbered[:, order][order]
        ordered.sort_indices()
        found = [order, ordered.data, ordered.astype(A.dtype), options, None]
        self.kept = [(pattern, found), *self.kept[:2]]
        return found
'''
