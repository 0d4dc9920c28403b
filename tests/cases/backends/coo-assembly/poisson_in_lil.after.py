# type: i int
# type: j int
# type: k int
# type: n int
# type: b numpy.ndarray float64 1
import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve
import scipy.sparse as sp


def stored_in_order(size, stores, parts_count):
    """Rows, columns and values of stores that a loop makes in each of size iterations, in its order.

    A store is (row, column, value, condition): numbers, or arrays with one for each iteration.
    """
    if not stores:
        return [np.empty(0, int)] * parts_count
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


def entries_of_A(b, n):
    """What the loop over i, j stores in A, b, for all its turns at once."""
    i, j = (index.ravel() for index in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    elements_count = i.size
    A_stores = []
    b_stores = []
    k = i * n + j
    here = (i == 0) | (i == n - 1) | ((j == 0) | (j == n - 1))
    A_stores.append((k, k, 1.0, here))
    b_stores.append((k, 0.0, here))
    elsewhere = ~here
    A_stores.append((k, k, 4.0, elsewhere))
    A_stores.append((k, k - 1, -1.0, elsewhere))
    A_stores.append((k, k + 1, -1.0, elsewhere))
    A_stores.append((k, k - n, -1.0, elsewhere))
    A_stores.append((k, k + n, -1.0, elsewhere))
    places, values = stored_in_order(elements_count, b_stores, 2)
    b[places] = values
    return stored_in_order(elements_count, A_stores, 3)


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


def placed(rows, columns, values, shape):
    """The sparse matrix that setting single entries leaves: the last value counts; zeros are not stored."""
    rows, columns = in_bounds(rows, columns, shape)
    values = np.asarray(values, dtype=float)
    matrix = from_triplets(rows, columns, values, shape)
    if matrix.nnz < rows.size:  # some entry was set again
        keys = rows.astype(np.int64) * shape[1] + columns
        last = rows.size - 1 - np.unique(keys[::-1], return_index=True)[1]
        matrix = sp.csr_matrix((values[last], (rows[last], columns[last])), shape=shape)
    matrix.eliminate_zeros()
    return matrix


n = 100
N = n * n
# five points
b = np.ones(N) / n**2
# hot: 0.8
# boundary
A_stores = entries_of_A(b, n)
A = placed(*A_stores, shape=(N, N))
u = spsolve(A.tocsr(), b)
print(u.max())
