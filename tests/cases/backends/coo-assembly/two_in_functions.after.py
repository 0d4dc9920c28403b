# type: build:i int
# type: build:k int
# type: build:dx float
# type: build:nu float
# type: build:n int
# type: build:u numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp


def stored_in_order(size, *stores):
    """Rows, columns, values and acts of stores that a loop makes in each of size iterations, in its order.

    A store is (row, column, value, act, condition): numbers, or arrays with one for each iteration.
    """
    tables = []
    for parts in zip(*stores):
        table = np.empty((size, len(parts)), np.result_type(*parts))
        for place, part in enumerate(parts):
            table[:, place] = part
        tables.append(table)
    *tables, done = tables
    if all(condition is True for *_, condition in stores):
        return [table.ravel() for table in tables]
    return [table[done.astype(bool)] for table in tables]


def entries_of_A_and_M(dx, n, nu, u):
    """The entries that the loops over i store in A, M, all at once."""
    i = np.arange(1, n - 1)
    return (
        stored_in_order(
        i.size,
        (i, i - 1, -(nu / dx ** 2), 1, True),
        (i, i, 2 * nu / dx ** 2, 1, True),
        (i, i + 1, -(nu / dx ** 2), 1, True),
    ),
        stored_in_order(
        i.size,
        (i, i, mean(u[i], u[i + 1]), 0, True),
    ),
    )


def assembled(rows, columns, values, shape, acts, form="csr", *, start=None, zeros=False):
    """The sparse matrix that entry-wise stores leave, in the order in which they were made.

    acts says of all stores, or of each: 0 sets the entry, 1 adds to it, 2 clears the row, 3 the column.
    Entries that become zero are not stored, as in a LIL matrix, unless zeros are asked for.
    """
    rows, columns, values = np.array(rows), np.array(columns), np.asarray(values)
    acts, start_count = np.broadcast_to(acts, rows.shape), 0
    if start is not None:
        shape = start.shape
    matrix = None
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
    if start is None and acts.max(initial=0) < 2:
        if 0 < rows.size < 5000:  # a small matrix is sorted sooner than it is converted
            keys = rows.astype(np.int64) * shape[1] + columns
            order = np.argsort(keys)
            keys = keys[order]
            if (keys[1:] > keys[:-1]).all():
                starts = np.searchsorted(rows[order], np.arange(shape[0] + 1))
                matrix = sp.csr_matrix((values[order], columns[order], starts), shape=shape)
        else:
            matrix = sp.csr_matrix((values, (rows, columns)), shape=shape)
        if matrix is not None and matrix.nnz == rows.size:  # no entry was stored twice
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


def mean(a, b):
    """Of two values."""
    return 0.5 * (a + b)


def build(n, dx, nu, u):
    A_shape = (n, n)
    A_parts = []
    M_shape = (n, n)
    M_parts = []
    # hot: 0.6
    # diffusion
    A_rows, M_rows = entries_of_A_and_M(dx, n, nu, u)
    A_parts.append(A_rows)
    M_parts.append(M_rows)
    A_end = 1.0
    for k in (0, n - 1):
        A_parts.append((k, k, A_end, 0))
        M_parts.append((k, k, 1.0, 0))
    A_rows, A_columns, A_values, A_acts = map(np.hstack, zip(*A_parts))
    A = assembled(A_rows, A_columns, A_values.astype(float), A_shape, A_acts)
    M_rows, M_columns, M_values, M_acts = map(np.hstack, zip(*M_parts))
    M = assembled(M_rows, M_columns, M_values.astype(float), M_shape, M_acts)
    return A.tocsr(), M.tocsc()


A, M = build(2000, 0.01, 0.1, np.linspace(0, 1, 2000))
print(A.sum(), M.sum())
