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
        mode = "T" if A.format == "csr" else "N"  # rows are read as columns
        pattern = A.format, A.shape, A.dtype, A.indptr.tobytes(), A.indices.tobytes()
        found = next((one for known, one in self.kept if known == pattern), None)
        if found is None:
            self.misses += 1
            factors, options = self.ordered(self.columns_of(A, A.data))
            self.kept = [(pattern, {"order": factors, "options": options}), *self.kept[:2]]
            x = factors.solve(b, mode)
        else:
            self.misses = 0
            if "places" not in found:
                self.keep(found, A)
            order, options = found["order"], found["options"]
            x = {numpy}.empty_like(b)
            x[order] = self.factors_for(found, A.data[found["places"]]).solve(b[order], mode)
        sizes = type(A)((abs(A.data), A.indices, A.indptr), shape=A.shape) if options else None
        if options and not (abs(b - A @ x) <= 1e-14 * (sizes @ abs(x) + abs(b))).all():
            self.kept, self.may_be_symmetric = [], False
            return self.solve(A, b)
        return x

    def columns_of(self, A, values):
        return {sparse}.csc_matrix((values, A.indices, A.indptr), shape=A.shape)

    def ordered(self, columns):
        """Factors in the order for symmetric patterns if no pivot looks small, else in that for any."""
        largest = abs(columns).max(axis=0).toarray().ravel()
        if self.may_be_symmetric and (abs(columns.diagonal()) >= 0.001 * largest).all():
            return {linalg}.splu(columns, permc_spec="MMD_AT_PLUS_A", **self.SYMMETRIC), self.SYMMETRIC
        return {linalg}.splu(columns), {}

    def keep(self, found, A):
        """What a pattern that comes again needs: the better order, and where the entries stand in that."""
        factors, columns = found["order"], self.columns_of(A, A.data)
        turned = columns.T.tocsc()
        parts = (turned.indptr, A.indptr), (turned.indices, A.indices)
        is_symmetric = all({numpy}.array_equal(*both) for both in parts)
        if found["options"] and not is_symmetric:
            other = {linalg}.splu(columns)
            if other.nnz <= factors.nnz:
                factors, found["options"] = other, {}
        order = {numpy}.argsort(factors.perm_c)
        matrix = self.columns_of(A, {numpy}.arange(A.nnz))[:, order][order]
        matrix.sort_indices()
        found.update(order=order, places=matrix.data, matrix=matrix.astype(A.dtype), factors=None)

    def factors_for(self, found, values):
        """The factors of the last matrix of a pattern if this has the same values, else its own."""
        if found["factors"] is None or not {numpy}.array_equal(values, found["matrix"].data):
            found["matrix"].data, found["factors"] = values, None
            options = {"permc_spec": "NATURAL", "panel_size": 1, **found["options"]}
            found["factors"] = {linalg}.splu(found["matrix"], **options)
        return found["factors"]
'''
