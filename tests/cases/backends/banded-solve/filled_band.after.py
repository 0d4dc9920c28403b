import numpy as np
from scipy.sparse import csc_matrix, lil_matrix, dok_matrix
from scipy.sparse.linalg import spsolve
import scipy.sparse as sp


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
        return np.count_nonzero(self.diagonals)

    def set(self, row, column, value, adds=False):
        """Set one entry, or add to it."""
        n, w = self.shape[0], len(self.diagonals) // 2
        if not (-n <= row < n and -n <= column < n):
            raise IndexError("index out of range")
        row, column = row % n, column % n
        more = abs(column - row) - w
        if more > 0:
            self.diagonals = np.pad(self.diagonals, ((more, more), (0, 0)))
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
        rows = np.arange(first, last)
        kept = np.broadcast_to(where, rows.shape)
        rows, values = rows[kept], np.broadcast_to(values, rows.shape)[kept]
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
        band = np.zeros((3 * w + 1, n), self.diagonals.dtype, order="F")
        for k in range(-min(w, n - 1), min(w, n - 1) + 1):
            rows = slice(max(0, -k), n - max(0, k))
            band[2 * w - k, rows.start + k : rows.stop + k] = self.diagonals[w + k, rows]
        _, _, x, info = (dgbsv if is_real else zgbsv)(w, w, band, b)
        return None if info else x

    def tocsr(self):
        """The sparse matrix itself, without its zeros."""
        places, rows = np.nonzero(self.diagonals)
        columns = rows + places - len(self.diagonals) // 2
        inside = (columns >= 0) & (columns < self.shape[1])
        places, rows, columns = places[inside], rows[inside], columns[inside]
        return self.kind((self.diagonals[places, rows], (rows, columns)), shape=self.shape)


def solved_by_band(A, b):
    """As spsolve(A, b), by LU factors of the band of a BandMatrix: equal up to rounding."""
    if type(A) is not BandMatrix:
        return spsolve(A, b)
    if type(b) is np.ndarray and b.shape == A.shape[:1] and b.dtype.char in "dD":
        if b.size and len(A.diagonals) <= 9 and (x := A.solve(b)) is not None:
            return x
    return spsolve(A.tocsr(), b)


def entries_of_A(A, n, u):
    """What the loop over i stores in A, for all its turns at once."""
    i = np.arange(1, n - 1)
    A.set_diagonal(-1, 1, n - 1, -1.0 - u[i] ** 2, adds=True)
    A.set_diagonal(0, 1, n - 1, 7.0 + u[i], adds=True)
    A.set_diagonal(1, 1, n - 1, -1.0 - u[i + 1] ** 2, adds=True)


n = 40

def matrix(u):
    A = BandMatrix(np.zeros((3, n)), sp.csr_matrix)
    entries_of_A(A, n, u)
    A.set(0, 0, 1.0, adds=True)
    A.set(n - 1, n - 1, 1.0, adds=True)
    return A

u = np.sin(np.arange(n) + 1.0)
for step in range(6):  # hot: 0.9
    A = matrix(u)
    u = solved_by_band(A, u)  # banded: 100 1
print(u.sum())
