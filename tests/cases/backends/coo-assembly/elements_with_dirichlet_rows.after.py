# type: stiffness:e int
# type: stiffness:a int
# type: stiffness:c int
# type: stiffness:node int
# type: stiffness:triangles numpy.ndarray int64 2
# type: stiffness:boundary list[int]
import numpy as np
import scipy.sparse as sp


def in_bounds(rows, columns, shape):
    """Indices as arrays, negative ones counted from the end; IndexError beyond the matrix."""
    rows, columns = np.array(rows), np.array(columns)
    if rows.size == 0:
        rows, columns = rows.astype(int), columns.astype(int)
    for indices, size in ((rows, shape[0]), (columns, shape[1])):
        if indices.dtype.kind not in "iu":
            raise IndexError("indices of a matrix are integers")
        least = indices.min(initial=0)
        if least < 0:
            indices[indices < 0] += size
        if (least < 0 and indices.min() < 0) or (indices.size and indices.max() >= size):
            raise IndexError("index out of the bounds of the matrix")
    return rows, columns


def from_triplets(rows, columns, values, shape):
    """A csr_matrix matrix of entries, which add up where they have the same place."""
    if rows.size < 5000:  # a small matrix is sorted sooner than it is converted
        keys = rows.astype(np.int64) * shape[1] + columns
        order = np.argsort(keys)
        keys = keys[order]
        if (keys[1:] > keys[:-1]).all():
            starts = np.searchsorted(rows[order], np.arange(shape[0] + 1))
            return sp.csr_matrix((values[order], columns[order], starts), shape=shape)
    return sp.csr_matrix((values, (rows, columns)), shape=shape)


def assembled(rows, columns, values, acts, shape=None, form="csr", *, start=None, zeros=False):
    """The sparse matrix that entry-wise stores leave, in the order in which they were made.

    acts says of all stores, or of each: 0 sets the entry, 1 adds to it, 2 clears the row, 3 the column.
    Entries that become zero are not stored, as in a LIL matrix, unless zeros are asked for.
    """
    if start is not None:
        shape = start.shape
    rows, columns = in_bounds(rows, columns, shape)
    values, acts = np.asarray(values, dtype=float), np.broadcast_to(acts, rows.shape)
    start_count = 0
    if start is None and acts.max(initial=0) < 2:
        matrix = from_triplets(rows, columns, values, shape)
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


def stiffness(points, triangles, boundary):
    K_rows = np.empty(len(triangles) * 3 * 3 + 2 * len(boundary), dtype=np.int64)
    K_columns = np.empty_like(K_rows)
    K_values = np.empty(len(K_rows))
    K_acts = np.empty_like(K_rows)
    K_count = 0
    for e in range(len(triangles)):  # hot: 0.7
        x, y = points[triangles[e]].T
        area = 0.5 * abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))
        gx = np.array([y[1] - y[2], y[2] - y[0], y[0] - y[1]])
        gy = np.array([x[2] - x[1], x[0] - x[2], x[1] - x[0]])
        for a in range(3):
            for c in range(3):
                K_rows[K_count] = triangles[e, a]
                K_columns[K_count] = triangles[e, c]
                K_values[K_count] = (gx[a] * gx[c] + gy[a] * gy[c]) / (4 * area)
                K_acts[K_count] = 1
                K_count += 1
    for node in boundary:
        K_rows[K_count] = node
        K_columns[K_count] = 0
        K_values[K_count] = 0
        K_acts[K_count] = 2
        K_count += 1
        K_rows[K_count] = node
        K_columns[K_count] = node
        K_values[K_count] = 1.0
        K_acts[K_count] = 0
        K_count += 1
    K = assembled(
        K_rows[:K_count], K_columns[:K_count], K_values[:K_count], K_acts[:K_count], (len(points), len(points))
    )
    return K.tocsr()


points = np.array([[0, 0], [1, 0], [0, 1], [1, 1.0]])
print(stiffness(points, np.array([[0, 1, 2], [1, 3, 2]]), [0, 3]).toarray())
