"""The class that is written into the user's script to store and read entries one by one quickly."""

ROW_DICTS = '''
class RowDicts({sparse}.lil_KIND):
    """A LIL matrix that keeps a dict for each row while its entries are stored and read one by one.

    Whatever else is asked of it finds the lists of a LIL matrix; a matrix that goes back and forth
    stays with the lists.
    """

    def __init__(self, *arguments, **options):
        self._entries, self._turns_count = None, 0
        super().__init__(*arguments, **options)
        self._width = self.shape[1]
        kinds = {"f": (float, int), "c": (float, int, complex), "i": (int,)}
        wide = self.dtype in (float, complex, {numpy}.int64)
        plain = kinds.get(self.dtype.kind, ()) if wide else ()
        self._plain = frozenset(plain) | frozenset({numpy}.dtype(kind).type for kind in plain)

    @property
    def rows(self):
        self._put_back()
        return self._rows

    @rows.setter
    def rows(self, rows):
        self._put_back()
        self._rows = rows

    @property
    def data(self):
        self._put_back()
        return self._data

    @data.setter
    def data(self, data):
        self._put_back()
        self._data = data

    def _are_dicts(self):
        if self._entries is None and self._turns_count < 8 and len(self._rows) == self.shape[0]:
            self._turns_count += 1
            self._width = self.shape[1]
            self._entries = [dict(zip(*row)) for row in zip(self._rows, self._data)]
        return self._entries is not None

    def _put_back(self):
        if self._entries is not None:
            lists = {sparse}.lil_KIND(self.tocsr())
            self._entries = None
            self._rows, self._data = lists.rows, lists.data

    def tocsr(self, copy=False):
        if self._entries is None:
            return super().tocsr(copy=copy)
        counts = [len(row) for row in self._entries]
        columns = {numpy}.fromiter((j for row in self._entries for j in row), {numpy}.int64, sum(counts))
        values = {numpy}.fromiter((v for row in self._entries for v in row.values()), self.dtype, sum(counts))
        starts = {numpy}.cumsum([0, *counts])
        matrix = {sparse}.csr_KIND((values, columns, starts), shape=self.shape)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return matrix

    def __getitem__(self, key):
        try:
            i, j = key
            if -self._width <= j < self._width and (self._entries is not None or self._are_dicts()):
                return self.dtype.type(self._entries[i].get(j if j >= 0 else j + self._width, 0))
        except (TypeError, ValueError):  # slices and arrays
            pass
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        if type(value) in self._plain:
            try:
                i, j = key
                if type(j) is slice or type(i) is slice:
                    if value == 0 and self._clear(i, j):
                        return
                elif -self._width <= j < self._width and (self._entries is not None or self._are_dicts()):
                    self._entries[i][j if j >= 0 else j + self._width] = value
                    return
            except (TypeError, ValueError):
                pass
        super().__setitem__(key, value)

    def add_block(self, rows, columns, values):
        """Add to the entries of some rows and columns; False where that must be done otherwise."""
        fits = min(rows + columns, default=0) >= 0 and max(columns, default=0) < self._width
        distinct = len(set(rows)) == len(rows) and len(set(columns)) == len(columns)
        if not (fits and distinct and self._plain and self._are_dicts()) or self._entries is None:
            return False
        entries = [self._entries[i] for i in rows]
        for row, added in zip(entries, values):
            for j, value in zip(columns, added):
                row[j] = row.get(j, 0.0) + value
        return True

    def _clear(self, i, j):
        several = (slice, tuple, list, {numpy}.ndarray)
        if j == slice(None) and not isinstance(i, several) and self._are_dicts():
            self._entries[i] = {}
        elif i == slice(None) and not isinstance(j, several) and self._are_dicts():
            j = range(self._width)[j]
            for row in self._entries:
                row.pop(j, None)
        else:
            return False
        return True
'''

ADD_BLOCK = '''
def add_block(A, rows, columns, values):
    """As ``A[np.ix_(rows, columns)] += values``, quick where A keeps dicts of its rows."""
    index = {numpy}.ix_(rows, columns)
    values = {numpy}.asarray(values)
    if (
        isinstance(A, RowDicts)
        and values.shape == (index[0].size, index[1].size)
        and {numpy}.can_cast(values.dtype, A.dtype)
        and A.add_block(index[0].ravel().tolist(), index[1].ravel().tolist(), values.tolist())
    ):
        return
    A[index] += values
'''
