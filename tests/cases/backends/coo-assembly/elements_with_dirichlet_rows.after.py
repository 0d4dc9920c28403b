# type: stiffness:e int
# type: stiffness:a int
# type: stiffness:c int
# type: stiffness:node int
# type: stiffness:triangles numpy.ndarray int64 2
# type: stiffness:boundary list[int]
import numpy as np
import scipy.sparse as sp


def in_bounds(rows, columns, shape):
    """Indices as arrays, negative ones counted from the end."""
    pairs = zip((rows, columns), shape)
    return [np.where(np.less(index, 0), np.add(index, size), index) for index, size in pairs]


def assembled(rows, columns, values, acts, shape=None, form="csr", *, start=None, zeros=False):
    """The sparse matrix that entry-wise stores leave, in the order in which they were made.

    acts says of all stores, or of each: 0 sets the entry, 1 adds to it, 2 clears the row, 3 the column.
    Entries that become zero are not stored, as in a LIL matrix, unless zeros are asked for.
    """
    shape = shape if start is None else start.shape
    rows, columns = in_bounds(rows, columns, shape)
    values, acts = np.asarray(values, dtype=float), np.broadcast_to(acts, rows.shape)
    start_count = 0
    if start is not None:
        entries = sp.coo_matrix(start)
        start_count = entries.nnz
        rows, columns = np.r_[entries.row, rows], np.r_[entries.col, columns]
        values = np.r_[entries.data, values.astype(entries.dtype)]
        acts = np.r_[np.ones(start_count, int), acts]
    times = np.arange(rows.size)
    if (acts > 1).any():
        row_cleared, column_cleared = np.full(shape[0], -1), np.full(shape[1], -1)
        row_cleared[rows[acts == 2]] = times[acts == 2]
        column_cleared[columns[acts == 3]] = times[acts == 3]
        kept = (acts < 2) & (times > row_cleared[rows]) & (times > column_cleared[columns])
        rows, columns, values, acts, times = rows[kept], columns[kept], values[kept], acts[kept], times[kept]
    keys, entry = np.unique(rows.astype(np.int64) * shape[1] + columns, return_inverse=True)
    last_set = np.full(keys.size, -1)
    last_set[entry[acts == 0]] = times[acts == 0]
    counts = times >= last_set[entry]  # what stood there before an entry was set counts no more
    sums = np.zeros(keys.size, values.dtype)
    np.add.at(sums, entry[counts], values[counts])
    if not zeros:
        kept = sums != 0
        kept[entry[times < start_count]] = True
        keys, sums = keys[kept], sums[kept]
    return sp.csr_matrix((sums, np.divmod(keys, shape[1])), shape=shape).asformat(form)


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
