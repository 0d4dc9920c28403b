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


def entries_of_A(b, n):
    """What the loop over i, j stores in A, b, for all its turns at once."""
    i, j = (index.ravel() for index in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    elements_count = i.size
    A_stores = []
    k = i * n + j
    here = (i == 0) | (i == n - 1) | ((j == 0) | (j == n - 1))
    A_stores.append((k, k, 1.0, here))  # boundary
    b[k[here]] = 0.0
    elsewhere = ~here
    A_stores.append((k, k, 4.0, elsewhere))
    A_stores.append((k, k - 1, -1.0, elsewhere))
    A_stores.append((k, k + 1, -1.0, elsewhere))
    A_stores.append((k, k - n, -1.0, elsewhere))
    A_stores.append((k, k + n, -1.0, elsewhere))
    return stored_in_order(elements_count, A_stores, 3)


def in_bounds(rows, columns, shape):
    """Indices as arrays, negative ones counted from the end."""
    pairs = zip((rows, columns), shape)
    return [np.where(np.less(index, 0), np.add(index, size), index) for index, size in pairs]


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


n = 100
N = n * n
# five points
b = np.ones(N) / n**2
# hot: 0.8
A_stores = entries_of_A(b, n)
A = placed(*A_stores, shape=(N, N))
u = spsolve(A.tocsr(), b)
print(u.max())
