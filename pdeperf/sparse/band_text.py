"""What is written into the user's script for matrices of narrow band that are made only to be solved with."""

BAND_MATRIX = '''
class BandMatrix:
    """A square matrix of narrow band: diagonals[w + k, i] is its entry (i, i + k), and w its half width.

    kind is the sparse matrix in whose place it stands, and what it becomes where a band does not do.
    """

    __array_ufunc__ = None

    def __init__(self, diagonals, kind):
        self.diagonals, self.kind = diagonals, kind
        self.shape = 2 * diagonals.shape[1:]

    @property
    def nnz(self):
        """How many entries are not zero."""
        return {numpy}.count_nonzero(self.diagonals)

    def set(self, row, column, value, adds=False):
        """Set one entry, or add to it."""
        n, w = self.shape[0], len(self.diagonals) // 2
        if not (-n <= row < n and -n <= column < n):
            raise IndexError("index out of range")
        row, column = row % n, column % n
        more = abs(column - row) - w
        if more > 0:
            self.diagonals = {numpy}.pad(self.diagonals, ((more, more), (0, 0)))
            w += more
        place = w + column - row, row
        self.diagonals[place] = self.diagonals[place] + value if adds else value

    def set_diagonal(self, k, first, last, values, where=True, adds=False):
        """Set the entries (i, i + k), or add to them, for the i of range(first, last) that are asked for."""
        inside = 0 <= min(first, first + k) and first <= last and max(last, last + k) <= self.shape[0]
        if inside and where is True:
            part = self.diagonals[len(self.diagonals) // 2 + k, first:last]
            part[...] = part + values if adds else values
            return
        rows = {numpy}.arange(first, last)
        kept = {numpy}.broadcast_to(where, rows.shape)
        rows, values = rows[kept], {numpy}.broadcast_to(values, rows.shape)[kept]
        if rows.size and 0 <= rows[0] + min(k, 0) and rows[-1] + max(k, 0) < self.shape[0]:
            part = self.diagonals[len(self.diagonals) // 2 + k]
            part[rows] = part[rows] + values if adds else values
            return
        for row, value in zip(rows.tolist(), values.tolist()):
            self.set(row, row + k, value, adds)

    def clear_row(self, row):
        """Set all of a row to zero."""
        self.diagonals[:, row] = 0

    def clear_column(self, column):
        """Set all of a column to zero."""
        w, column = len(self.diagonals) // 2, range(self.shape[1])[column]
        for row in range(max(column - w, 0), min(column + w + 1, self.shape[0])):
            self.diagonals[w + column - row, row] = 0

    def solve(self, b):
        """The x of A x = b by LAPACK's LU factors of the band; None if A is singular, or no doubles."""
        from scipy.linalg.lapack import dgbsv, dgtsv, zgbsv, zgtsv

        if self.diagonals.dtype.char not in "dD":
            return None
        is_real = self.diagonals.dtype.char + b.dtype.char == "dd"
        n, w = self.shape[0], len(self.diagonals) // 2
        if w == 1 and n > 2:
            lower, middle, upper = self.diagonals
            *_, x, info = (dgtsv if is_real else zgtsv)(lower[1:], middle, upper[:-1], b)
            return None if info else x
        band = {numpy}.zeros((3 * w + 1, n), self.diagonals.dtype, order="F")
        for k in range(-min(w, n - 1), min(w, n - 1) + 1):
            rows = slice(max(0, -k), n - max(0, k))
            band[2 * w - k, rows.start + k : rows.stop + k] = self.diagonals[w + k, rows]
        _, _, x, info = (dgbsv if is_real else zgbsv)(w, w, band, b)
        return None if info else x

    def tocsr(self):
        """The sparse matrix itself, without its zeros."""
        places, rows = {numpy}.nonzero(self.diagonals)
        columns = rows + places - len(self.diagonals) // 2
        inside = (columns >= 0) & (columns < self.shape[1])
        places, rows, columns = places[inside], rows[inside], columns[inside]
        return self.kind((self.diagonals[places, rows], (rows, columns)), shape=self.shape)
'''

SOLVED_BY_BAND = '''
def solved_by_band(A, b):
    """As SOLVE(A, b), by LU factors of the band of a BandMatrix: equal up to rounding."""
    if type(A) is not BandMatrix:
        return SOLVE(A, b)
    if type(b) is {numpy}.ndarray and b.shape == A.shape[:1] and b.dtype.char in "dD":
        if b.size and len(A.diagonals) <= 9 and (x := A.solve(b)) is not None:
            return x
    return SOLVE(A.tocsr(), b)
'''
"""``SOLVE`` is what solved before."""

BAND_ARITHMETIC = '''
    def _like(self, other):
        """Another matrix as a band, None if it is none."""
        if type(other) is type(self):
            return other if other.shape == self.shape else None
        if not {sparse}.issparse(other) or other.shape != self.shape or other.dtype not in (float, complex):
            return None
        is_dia = other.format == "dia" and len({*other.offsets.tolist()}) == other.offsets.size
        entries = None if is_dia else other.tocoo()
        k = other.offsets if is_dia else entries.col - entries.row
        n, w = self.shape[0], int(max(abs(k).max(initial=0), 1))
        if w > 4 or n < 5:
            return None
        diagonals = {numpy}.zeros((2 * w + 1, n), other.dtype)
        if is_dia:
            for k, values in zip(other.offsets.tolist(), other.data):
                part = values[max(0, k) : n + min(0, k)]
                diagonals[w + k, max(0, -k) : max(0, -k) + part.size] = part
        else:
            {numpy}.add.at(diagonals, (w + k, entries.row), entries.data)
        return type(self)(diagonals, self.kind)

    def _sum(self, other, sign=1):
        band = self._like(other)
        if band is None:
            return self.tocsr() + (other.tocsr() if type(other) is type(self) else other) * sign
        one, two = self.diagonals, band.diagonals
        join = {numpy}.add if sign == 1 else {numpy}.subtract
        if len(one) == len(two):
            return type(self)(join(one, two), self.kind)
        wide, narrow = (one, two) if len(one) > len(two) else (two, one)
        first = (len(wide) - len(narrow)) // 2
        inner = slice(first, first + len(narrow))
        total = wide.astype({numpy}.result_type(one, two))
        if sign != 1 and wide is two:
            {numpy}.negative(total, out=total)
        join(one[inner] if wide is one else one, two[inner] if wide is two else two, out=total[inner])
        return type(self)(total, self.kind)

    def __add__(self, other):
        return self._sum(other)

    def __radd__(self, other):
        return self._sum(other)

    def __sub__(self, other):
        return self._sum(other, -1)

    def __rsub__(self, other):
        return (-self)._sum(other)

    def __neg__(self):
        return type(self)(-self.diagonals, self.kind)

    def __mul__(self, other):
        if not {numpy}.isscalar(other):
            return self.tocsr() * (other.tocsr() if type(other) is type(self) else other)
        return type(self)(self.diagonals * other, self.kind)

    def __rmul__(self, other):
        return self * other if {numpy}.isscalar(other) else other * self.tocsr()

    def __truediv__(self, other):
        if not {numpy}.isscalar(other):
            return self.tocsr() / other
        return type(self)(self.diagonals / other, self.kind)

    def dot(self, x):
        """The product with a vector, or with anything else."""
        n, w = self.shape[0], len(self.diagonals) // 2
        if type(x) is not {numpy}.ndarray or x.shape != (n,) or x.dtype.char not in "dD":
            return self.tocsr().dot(x.tocsr() if type(x) is type(self) else x)
        product = self.diagonals[w] * x
        for k in range(1, min(w, n - 1) + 1):
            product[k:] += self.diagonals[w - k, k:] * x[:-k]
            product[:-k] += self.diagonals[w + k, :-k] * x[k:]
        return product if {numpy}.isfinite({numpy}.vdot(product, product)) else self.tocsr() @ x

    def __matmul__(self, x):
        return self.tocsr() @ x if {numpy}.isscalar(x) else self.dot(x)

    def __rmatmul__(self, x):
        return x @ self.tocsr()
'''
"""What such matrices do where more is done with them than solving; their own zeros stand for no entries."""

BAND_OF_DIAGONALS = '''
def band_of_diagonals(diagonals, offsets=0, shape=None, format=None, **options):
    """As DIAGS(diagonals, offsets, ...), as a BandMatrix where they are floats near the main diagonal."""
    listed = type(offsets) in (list, tuple)
    parts, ks = (diagonals, offsets) if listed else ([diagonals], [offsets])
    near = not options and type(parts) in (list, tuple) and all(type(k) is int and -4 <= k <= 4 for k in ks)
    if near and 0 < len(parts) == len(ks) == len({*ks}):
        n = shape[0] if shape is not None else {numpy}.size(parts[0]) + abs(ks[0])
        repeats = shape is not None and listed
        known = n > 4 and (shape is None or tuple(shape) == (n, n))
        for k, one in zip(ks, parts):
            is_whole = type(one) is {numpy}.ndarray and one.shape == (n - abs(k),)
            known = known and (is_whole or (repeats and type(one) in (int, float, complex)))
        kind = {numpy}.result_type(*parts) if known else None
        if kind in (float, complex):
            w = max(map(abs, ks))
            band = {numpy}.zeros((2 * w + 1, n), kind)
            for k, one in zip(ks, parts):
                band[w + k, max(0, -k) : n - max(0, k)] = one
            return BandMatrix(band, {sparse}.KIND)
    return DIAGS(diagonals, offsets=offsets, shape=shape, format=format, **options)
'''
"""``DIAGS`` is what made the matrix before, ``KIND`` what it is in CSR format."""

BAND_OF_SPDIAGS = '''
def band_of_spdiags(data, diags, m=None, n=None, format=None):
    """As {sparse}.spdiags(data, diags, m, n), as a BandMatrix where they are floats near the diagonal."""
    rows, ks = {numpy}.atleast_2d(data), {numpy}.atleast_1d(diags).tolist()
    near = all(type(k) is int and -4 <= k <= 4 for k in ks) and len(ks) == len({*ks})
    if near and m == n and rows.shape == (len(ks), n) and n > 4 and rows.dtype.char in "dD":
        w = max(map(abs, ks))
        band = {numpy}.zeros((2 * w + 1, n), rows.dtype)
        for k, one in zip(ks, rows):
            band[w + k, max(0, -k) : n - max(0, k)] = one[max(0, k) : n + min(0, k)]
        return BandMatrix(band, {sparse}.KIND)
    return {sparse}.spdiags(data, diags, m, n, format)
'''
"""Its diagonals begin where the columns do."""
