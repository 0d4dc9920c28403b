# type: u numpy.ndarray float64 1
# type: v numpy.ndarray float64 1
# type: L scipy.sparse._csr.csr_matrix
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve


class InKnownPattern:
    """Computes a matrix by its values alone while all that it consists of keeps its pattern.

    build() is the matrix as SciPy computes it, and values(at) are its values: at(A, i, j) has those of
    A, which stands in block i, j, in the places of its entries, and zeros elsewhere; at(v, i, j, k) has
    those of a vector on a diagonal. The first values are compared with
    build() to the bit. What has another pattern or type than before, or is zero or not finite, is built.
    """

    UNKNOWN = TypeError, ValueError, LookupError, AttributeError, ArithmeticError

    def __init__(self):
        self.matrix, self.parts, self.misses = None, [], 0

    def __call__(self, build, values):
        if self.misses > 30:
            return build()
        try:
            data = self.evaluated(values)
        except self.UNKNOWN:
            matrix, self.misses = build(), self.misses + 3
            self.learn(matrix, values)
            return matrix
        matrix, self.misses = self.matrix.copy(), max(self.misses - 1, 0)
        matrix.data = data
        return matrix

    def evaluated(self, values):
        parts = iter(self.parts)

        def at(part, i=0, j=0, along=0):
            pattern, chosen, absent, places = next(parts, [None] * 4)
            now, given = self.pattern(part, along)
            if now != pattern or given[absent].any():
                raise LookupError("another pattern")
            spread = np.zeros(self.matrix.nnz, given.dtype)
            spread[places] = given[chosen]
            return spread

        with np.errstate(all="ignore"):
            data = values(at)
        if data.dtype != self.matrix.dtype or not data.all() or not np.isfinite(data).all():
            raise LookupError("an entry is missing")
        return data

    def pattern(self, part, along):
        if not sp.issparse(part):
            return (part.shape, along), part
        if part.format == "dia":
            return (type(part), part.shape, part.data.shape, part.offsets.tobytes()), part.data.ravel()
        return (type(part), part.shape, part.indptr.tobytes(), part.indices.tobytes()), part.data

    def learn(self, matrix, values):
        """Find the places of all parts among the entries of the matrix."""
        self.parts, parts, heights, widths = [], [], {}, {}
        if not sp.issparse(matrix) or matrix.format not in ("csr", "csc") or matrix.nnz == 0:
            return
        try:
            values(lambda part, i=0, j=0, along=0: parts.append((part, i, j, along)) or 0)
            for part, i, j, along in parts:
                heights[i], widths[j] = self.numbered(part, along).shape
            tops = np.cumsum([0, *(heights[i] for i in sorted(heights))])
            lefts = np.cumsum([0, *(widths[j] for j in sorted(widths))])
            whole, self.matrix = matrix.tocoo(), matrix.copy()
            keys = whole.row.astype(np.int64) * matrix.shape[1] + whole.col
            order = np.argsort(keys)
            for part, i, j, along in parts:
                pattern, _ = self.pattern(part, along)
                one = self.numbered(part, along).tocoo()
                own = (one.row + tops[i : i + 1]) * matrix.shape[1] + one.col + lefts[j]
                places = order[np.searchsorted(keys[order], own) % keys.size]
                is_there, numbers = keys[places] == own, one.data.astype(int) - 1
                if np.unique(own).size < own.size:
                    raise ValueError("entries stand twice")
                self.parts.append((pattern, numbers[is_there], numbers[~is_there], places[is_there]))
            if self.evaluated(values).tobytes() != matrix.data.tobytes():
                self.parts = []
        except self.UNKNOWN:
            self.parts = []

    def numbered(self, part, along):
        """A part with its values replaced by their numbers, from 1 on."""
        if not sp.issparse(part):
            return sp.diags(np.arange(1.0, part.size + 1), along)
        part = part.copy()
        part.data = np.arange(1.0, part.data.size + 1).reshape(part.data.shape)
        return part


pattern_J = InKnownPattern()


n = 50
L = sp.diags([1.0, -2.5, 1.0], [-1, 0, 1], shape=(n, n)).tocsr()
u, v = np.linspace(1, 2, n), np.linspace(2, 1, n)
for k in range(40):  # hot: 0.9
    a, b = v**2, 2 * u * v
    def build_J():
        A = L - sp.diags(a)
        B = 2 * L + sp.diags(b)  # the second species
        return sp.bmat([[A, sp.diags(-b)], [sp.diags(a), B]], format="csc")

    J = pattern_J(
        build_J,
        lambda at: at(L, 0, 0) - at(a, 0, 0)
        + at(-b, 0, 1)
        + at(a, 1, 0)
        + 2 * at(L, 1, 1) + at(b, 1, 1),
    )
    d = spsolve(J, np.concatenate([L @ u, L @ v]))  # banded: 40 50 39
    u, v = u - d[:n], v - d[n:]
print(u.sum(), v.sum())
