# type: build:i int
# type: build:k int
# type: build:dx float
# type: build:nu float
# type: build:n int
# type: build:u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp


def stored_in_order(size, stores, parts_count):
    """Rows, columns and values of stores that a loop makes in each of size iterations, in its order.

    A store is (row, column, value, condition): numbers, or arrays with one for each iteration.
    """
    tables = []
    for parts in zip(*stores):
        kind = np.result_type(*[np.asarray(part).dtype for part in parts])
        tables.append(np.empty((size, len(parts)), kind))
        for place, part in enumerate(parts):
            tables[-1][:, place] = part
    if not tables:
        return [np.empty(0, int)] * parts_count
    *tables, done = tables
    return [table.ravel() if done.all() else table[done.astype(bool)] for table in tables]


def entries_of_A_and_M(dx, n, nu, u):
    """What the loop over i stores in A, M, for all its turns at once."""
    i = np.arange(1, n - 1)
    elements_count = i.size
    A_stores = []
    M_stores = []
    # diffusion
    A_stores.append((i, i - 1, -(nu / dx ** 2), 1, True))
    A_stores.append((i, i, 2 * nu / dx ** 2, 1, True))
    A_stores.append((i, i + 1, -(nu / dx ** 2), 1, True))
    M_stores.append((i, i, mean(u[i], u[i + 1]), True))
    return stored_in_order(elements_count, A_stores, 4), stored_in_order(elements_count, M_stores, 3)


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


def placed(rows, columns, values, shape):
    """The sparse matrix that setting single entries leaves: the last value counts; zeros are not stored."""
    rows, columns = in_bounds(rows, columns, shape)
    values = np.asarray(values, dtype=float)
    matrix = sp.csr_matrix((values, (rows, columns)), shape=shape)
    if matrix.nnz < rows.size:  # some entry was set again
        keys = rows * shape[1] + columns
        last = rows.size - 1 - np.unique(keys[::-1], return_index=True)[1]
        matrix = sp.csr_matrix((values[last], (rows[last], columns[last])), shape=shape)
    matrix.eliminate_zeros()
    return matrix


def mean(a, b):
    """Of two values."""
    return 0.5 * (a + b)


def build(n, dx, nu, u):
    A_stores = [(np.empty(0, int),) * 4]
    M_stores = [(np.empty(0, int),) * 3]
    # hot: 0.6
    A_stores_here, M_stores_here = entries_of_A_and_M(dx, n, nu, u)
    A_stores.append(A_stores_here)
    M_stores.append(M_stores_here)
    A_end = 1.0
    for k in (0, n - 1):
        A_stores.append((k, k, A_end, 0))
        M_stores.append((k, k, 1.0))
    A = assembled(*map(np.hstack, zip(*A_stores)), shape=(n, n))
    M = placed(*map(np.hstack, zip(*M_stores)), shape=(n, n))
    return A.tocsr(), M.tocsc()


A, M = build(2000, 0.01, 0.1, np.linspace(0, 1, 2000))
print(A.sum(), M.sum())
