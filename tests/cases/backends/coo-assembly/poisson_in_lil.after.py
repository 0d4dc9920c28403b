# type: i int
# type: j int
# type: k int
# type: n int
import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve
import scipy.sparse as sp


def assembled(rows, columns, values, shape, acts, form="csr", *, start=None, zeros=False):
    """The sparse matrix that entry-wise stores leave, in the order in which they were made.

    acts says of all stores, or of each: 0 sets the entry, 1 adds to it, 2 clears the row, 3 the column.
    Entries that become zero are not stored, as in a LIL matrix, unless zeros are asked for.
    """
    rows, columns, values = np.array(rows), np.array(columns), np.asarray(values)
    acts, start_count = np.broadcast_to(acts, rows.shape), 0
    if start is not None:
        shape = start.shape
    if rows.size == 0:
        rows, columns = rows.astype(int), columns.astype(int)
    for indices, size in ((rows, shape[0]), (columns, shape[1])):
        if indices.dtype.kind not in "iu":
            raise IndexError("indices of a matrix are integers")
        indices[indices < 0] += size
        if indices.size and not 0 <= indices.min() <= indices.max() < size:
            raise IndexError("index out of the bounds of the matrix")
    if start is None and acts.max(initial=0) < 2:
        matrix = sp.csr_matrix((values, (rows, columns)), shape=shape)
        if matrix.nnz == rows.size:  # no entry was stored twice
            if not zeros:
                matrix.eliminate_zeros()
            return matrix.asformat(form)
    if start is not None:
        entries = sp.coo_matrix(start)
        start_count = entries.nnz
        rows, columns = np.r_[entries.row, rows], np.r_[entries.col, columns]
        values = np.r_[entries.data, values.astype(entries.dtype)]
        acts = np.r_[np.ones(start_count, int), acts]
    times = np.arange(rows.size)
    if acts.size and acts.max() > 1:
        row_cleared, column_cleared = np.full(shape[0], -1), np.full(shape[1], -1)
        row_cleared[rows[acts == 2]] = times[acts == 2]
        column_cleared[columns[acts == 3]] = times[acts == 3]
        kept = (acts < 2) & (times > row_cleared[rows]) & (times > column_cleared[columns])
        rows, columns, values, acts, times = rows[kept], columns[kept], values[kept], acts[kept], times[kept]
    keys = rows.astype(np.int64) * shape[1] + columns
    order = np.argsort(keys, kind="stable")
    keys, acts = keys[order], acts[order]
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]][: keys.size])
    entry = np.repeat(np.arange(first.size), np.diff(np.r_[first, keys.size]))
    counts = np.ones(keys.size, bool)
    if first.size and acts.min() == 0:  # what stood there before an entry was set counts no more
        places = np.arange(keys.size)
        last_set = np.maximum.reduceat(np.where(acts == 0, places, -1), first)
        counts = places >= last_set[entry]
    sums = np.zeros(first.size, values.dtype)
    np.add.at(sums, entry[counts], values[order][counts])
    rows, columns = rows[order[first]], columns[order[first]]
    if not zeros:
        kept = sums != 0
        if start_count:
            kept |= np.maximum.reduceat(times[order], first) < start_count
        rows, columns, sums = rows[kept], columns[kept], sums[kept]
    starts = np.r_[0, np.cumsum(np.bincount(rows, minlength=shape[0]))]
    return sp.csr_matrix((sums, columns, starts), shape=shape).asformat(form)


n = 100
N = n * n
A_rows = np.empty(6 * len(range(n)) * len(range(n)), dtype=np.int64)
A_columns = np.empty_like(A_rows)
A_values = np.empty(len(A_rows))
A_count = 0  # five points
b = np.ones(N) / n**2
for i in range(n):  # hot: 0.8
    for j in range(n):
        k = i * n + j
        if i in (0, n - 1) or j in (0, n - 1):
            A_rows[A_count] = k
            A_columns[A_count] = k
            A_values[A_count] = 1.0
            A_count += 1  # boundary
            b[k] = 0.0
        else:
            A_rows[A_count] = k
            A_columns[A_count] = k
            A_values[A_count] = 4.0
            A_count += 1
            A_rows[A_count] = k
            A_columns[A_count] = k - 1
            A_values[A_count] = -1.0
            A_count += 1
            A_rows[A_count] = k
            A_columns[A_count] = k + 1
            A_values[A_count] = -1.0
            A_count += 1
            A_rows[A_count] = k
            A_columns[A_count] = k - n
            A_values[A_count] = -1.0
            A_count += 1
            A_rows[A_count] = k
            A_columns[A_count] = k + n
            A_values[A_count] = -1.0
            A_count += 1
A = assembled(A_rows[:A_count], A_columns[:A_count], A_values[:A_count], (N, N), 0)
u = spsolve(A.tocsr(), b)
print(u.max())
