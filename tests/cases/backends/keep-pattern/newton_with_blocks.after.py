# type: u numpy.ndarray float64 1
# type: v numpy.ndarray float64 1
# type: L scipy.sparse._csr.csr_matrix
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve


class Entries:
    """The values of a sparse matrix, row by row, beside a pattern that is known by identity.

    What was found once for patterns is kept with them: where the values of a sum, of blocks, of a
    transpose belong. A value that is zero has no place in a pattern.
    """

    __array_ufunc__ = None
    known = {}

    def __init__(self, pattern, values):
        self.pattern, self.values = pattern, values

    @classmethod
    def of(cls, shape, key, values, places):
        """Entries of some values; those with the same key stand in the same rows and columns.

        places() gives rows and columns, and the places of the values in what is given.
        """
        if key not in cls.known:
            if len(cls.known) > 99:
                cls.known.clear()
            rows, columns, chosen = places()
            keys = rows.astype(np.int64) * shape[1] + columns
            order = np.argsort(keys)
            if (keys[order][1:] == keys[order][:-1]).any():
                raise TypeError("entries stand twice")
            cls.known[key] = {"shape": shape, "keys": keys[order]}, chosen[order]
        pattern, chosen = cls.known[key]
        values = values[chosen]
        if values.all():
            return cls(pattern, values)
        nonzero = values != 0
        if len(pattern) > 99:
            raise TypeError("zeros are everywhere")
        if nonzero.tobytes() not in pattern:
            pattern[nonzero.tobytes()] = {"shape": shape, "keys": pattern["keys"][nonzero]}
        return cls(pattern[nonzero.tobytes()], values[nonzero])

    @classmethod
    def given(cls, matrix):
        """Entries of a sparse matrix; anything else as it is, and functions that make matrices as ours."""
        if callable(matrix) and getattr(matrix, "__module__", "").startswith("scipy.sparse"):
            return getattr(cls, "made_by_" + matrix.__name__)
        if not sp.issparse(matrix):
            return matrix
        if matrix.format == "dia":
            return cls.made_by_spdiags(matrix.data, matrix.offsets, *matrix.shape, kind=type(matrix))
        kind, matrix = type(matrix), matrix.tocsr() if matrix.format == "lil" else matrix
        if matrix.format not in ("csr", "csc"):
            raise TypeError(matrix.format)

        def places():
            major = np.repeat(np.arange(matrix.indptr.size - 1), np.diff(matrix.indptr))
            both = (major, matrix.indices) if matrix.format == "csr" else (matrix.indices, major)
            return *both, np.arange(major.size)

        key = kind, matrix.shape, matrix.indptr.tobytes(), matrix.indices.tobytes()
        return cls.of(matrix.shape, key, matrix.data, places)

    @classmethod
    def made_by_spdiags(cls, data, diags, m, n, kind=None):
        data, offsets = np.atleast_2d(data), np.atleast_1d(diags)

        def places():
            columns = np.tile(np.arange(data.shape[1]), offsets.size)
            rows = columns - np.repeat(offsets, data.shape[1])
            inside = (rows >= 0) & (rows < m) & (columns < n)
            return rows[inside], columns[inside], np.flatnonzero(inside)

        key = kind, m, n, data.shape, offsets.tobytes()
        return cls.of((m, n), key, data.ravel(), places)

    @classmethod
    def made_by_diags(cls, diagonals, offsets=0, shape=None, format=None):
        if type(offsets) is int:
            diagonals, offsets = [diagonals] if np.ndim(diagonals[0]) == 0 else diagonals, [offsets]
        diagonals, offsets = [np.atleast_1d(one) for one in diagonals], [int(one) for one in offsets]
        n = len(diagonals[0]) + abs(offsets[0]) if shape is None else 0
        m, n = (n, n) if shape is None else shape
        lengths = [min(m + min(offset, 0), n - max(offset, 0)) for offset in offsets]
        for place, (values, length) in enumerate(zip(diagonals, lengths, strict=True)):
            if values.ndim != 1 or values.size not in (1, length):
                raise TypeError("another number of values")
            if values.size < length:
                diagonals[place] = np.repeat(values, length)

        def places():
            rows = [np.arange(length) + max(-one, 0) for one, length in zip(offsets, lengths)]
            columns = np.concatenate([row + one for one, row in zip(offsets, rows)])
            return np.concatenate(rows), columns, np.arange(columns.size)

        values = diagonals[0] if len(diagonals) == 1 else np.concatenate(diagonals)
        return cls.of((m, n), ("diags", m, n, *offsets), values, places)

    @classmethod
    def made_by_eye(cls, m, format=None):
        return cls.made_by_diags([np.ones(m)], [0])

    @classmethod
    def made_by_bmat(cls, blocks, format=None):
        heights = [next(one.shape[0] for one in row if one is not None) for row in blocks]
        widths = [next(one.shape[1] for one in column if one is not None) for column in zip(*blocks)]
        tops, lefts = np.cumsum([0, *heights]), np.cumsum([0, *widths])
        parts = []
        for top, height, row in zip(tops, heights, blocks):
            for left, width, one in zip(lefts[:-1], widths, row, strict=True):
                if one is not None:
                    if one.shape != (height, width):
                        raise TypeError("blocks do not fit")
                    parts.append((one, int(top), int(left)))
        first = parts[0][0].pattern
        key = ("blocks", tops[-1], lefts[-1], *((id(one.pattern), *place) for one, *place in parts))
        if key not in first:
            shape = int(tops[-1]), int(lefts[-1])
            keys = [(one.rows + top) * shape[1] + one.columns + left for one, top, left in parts]
            keys = np.concatenate(keys)
            of = [one.pattern for one, *_ in parts]  # kept, so that no other pattern has their identities
            first[key] = {"shape": shape, "keys": np.sort(keys), "of": of}, np.argsort(keys)
        pattern, order = first[key]
        return cls(pattern, np.concatenate([one.values for one, *_ in parts])[order])

    made_by_eye_array = made_by_identity = made_by_eye
    made_by_diags_array, made_by_block_array = made_by_diags, made_by_bmat

    @property
    def shape(self):
        return self.pattern["shape"]

    @property
    def rows(self):
        return self.pattern["keys"] // self.shape[1]

    @property
    def columns(self):
        return self.pattern["keys"] % self.shape[1]

    def _sum(self, other, sign):
        if not isinstance(other, Entries) or other.shape != self.shape:
            return NotImplemented
        key = "sum", id(other.pattern)
        if key not in self.pattern:
            ours, theirs = self.pattern["keys"], other.pattern["keys"]
            keys = np.union1d(ours, theirs)
            whole = {"shape": self.shape, "keys": keys}
            places = np.searchsorted(keys, ours), np.searchsorted(keys, theirs)
            self.pattern[key] = whole, *places, other.pattern
        pattern, ours, theirs, _ = self.pattern[key]
        kind = np.result_type(self.values, other.values)
        values = np.zeros(pattern["keys"].size, kind)
        values[ours] = self.values
        if sign > 0:
            values[theirs] += other.values
        else:
            values[theirs] -= other.values
        if not values.all():
            raise TypeError("a sum is zero")
        return Entries(pattern, values)

    def __add__(self, other):
        return self._sum(other, 1)

    def __sub__(self, other):
        return self._sum(other, -1)

    def __neg__(self):
        return Entries(self.pattern, -self.values)

    def __mul__(self, number):
        if not isinstance(number, (int, float, complex, np.number)):
            return NotImplemented
        return self._with(self.values * number)

    __rmul__ = __mul__

    def __truediv__(self, number):
        return self * (1.0 / number)

    def __matmul__(self, other):
        if not isinstance(other, Entries) or self.shape[1] != other.shape[0]:
            return NotImplemented
        if self.is_diagonal:
            return other._with(self.values[other._kept("rows")] * other.values)
        if other.is_diagonal:
            return self._with(self.values * other.values[self._kept("columns")])
        return NotImplemented

    dot = __matmul__

    @property
    def is_diagonal(self):
        n = self.shape[0]
        return self.shape == (n, n) and np.array_equal(self.pattern["keys"], np.arange(n) * (n + 1))

    def _kept(self, name):
        if name not in self.pattern:
            self.pattern[name] = getattr(self, name)
        return self.pattern[name]

    def _with(self, values):
        if not values.all():
            raise TypeError("a product is zero")
        return Entries(self.pattern, values)

    @property
    def T(self):
        if "T" not in self.pattern:
            keys = self.columns * self.shape[0] + self.rows
            self.pattern["T"] = {"shape": self.shape[::-1], "keys": np.sort(keys)}, np.argsort(keys)
        pattern, order = self.pattern["T"]
        return Entries(pattern, self.values[order])

    def tocsr(self):
        return self

    tocsc = tocoo = todia = copy = tocsr


class ByPattern:
    """Calls a function that computes a matrix of others, for their values alone where the patterns are known.

    The first result of a pattern is computed both ways and compared to the bit. What has another pattern
    than its terms (a sum that is zero), and what is not understood, is computed by the function as it is.
    """

    def __init__(self):
        self.kept, self.misses = {}, 0

    def __call__(self, build, *given):
        if self.misses > 9:
            return build(*given)
        try:
            found = build(*map(Entries.given, given))
            pattern, values = found.pattern, found.values
        except (TypeError, AttributeError, ValueError, IndexError, StopIteration):
            self.misses += 1
            return build(*given)
        if id(pattern) not in self.kept:
            self.misses += 1
            matrix = build(*given)
            self.kept = self.kept if len(self.kept) < 20 else {}
            self.kept[id(pattern)] = pattern, *self.compared(found, matrix)
            return matrix
        _, kind, order, parts, dtype = self.kept[id(pattern)]
        if kind is None or values.dtype != dtype:
            self.misses += 1
            return build(*given)
        self.misses = 0
        return kind((values[order], *(part.copy() for part in parts)), shape=pattern["shape"])

    def compared(self, found, matrix):
        """How a matrix is made of its entries, if what has just been computed has the same."""
        if sp.issparse(matrix) and matrix.format in ("csr", "csc") and matrix.shape == found.shape:
            numbered = found.pattern["keys"]
            major = np.repeat(np.arange(matrix.indptr.size - 1), np.diff(matrix.indptr))
            places = (major, matrix.indices) if matrix.format == "csr" else (matrix.indices, major)
            keys = places[0].astype(np.int64) * found.shape[1] + places[1]
            if np.array_equal(np.sort(keys), numbered):
                order = np.searchsorted(numbered, keys)
                values = found.values[order]
                if values.dtype == matrix.dtype and values.tobytes() == matrix.data.tobytes():
                    parts = matrix.indices.copy(), matrix.indptr.copy()
                    return type(matrix), order, parts, values.dtype
        return None, None, None, None


pattern_J = ByPattern()


n = 50
L = sp.diags([1.0, -2.5, 1.0], [-1, 0, 1], shape=(n, n)).tocsr()
u, v = np.linspace(1, 2, n), np.linspace(2, 1, n)
for k in range(40):  # hot: 0.9
    a, b = v**2, 2 * u * v
    def build_J(L, diags_2, bmat_2):
        A = L - diags_2(a)
        B = 2 * L + diags_2(b)  # the second species
        return bmat_2([[A, diags_2(-b)], [diags_2(a), B]], format="csc")

    J = pattern_J(build_J, L, sp.diags, sp.bmat)
    d = spsolve(J, np.concatenate([L @ u, L @ v]))  # banded: 40 50 39
    u, v = u - d[:n], v - d[n:]
print(u.sum(), v.sum())
