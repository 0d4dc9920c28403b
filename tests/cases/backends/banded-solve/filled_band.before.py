import numpy as np
from scipy.sparse import csc_matrix, lil_matrix, dok_matrix
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


def entries_of_A(n, u):
    """What the loop over i stores in A, for all its turns at once."""
    i = np.arange(1, n - 1)
    elements_count = i.size
    A_stores = []
    A_stores.append((i, i - 1, -1.0 - u[i] ** 2, True))
    A_stores.append((i, i, 7.0 + u[i], True))
    A_stores.append((i, i + 1, -1.0 - u[i + 1] ** 2, True))
    return stored_in_order(elements_count, A_stores, 3)


def in_bounds(rows, columns, shape):
    """Indices as arrays, negative ones counted from the end."""
    pairs = zip((rows, columns), shape)
    return [np.where(np.less(index, 0), np.add(index, size), index) for index, size in pairs]


def summed(rows, columns, values, shape):
    """The sparse matrix that additions to single entries leave; zeros are not stored."""
    values = np.asarray(values, dtype=float)
    matrix = sp.csr_matrix((values, in_bounds(rows, columns, shape)), shape=shape)
    matrix.eliminate_zeros()
    return matrix


n = 40

def matrix(u):
    A_stores = []
    A_stores.append(entries_of_A(n, u))
    A_stores.append((0, 0, 1.0))
    A_stores.append((n - 1, n - 1, 1.0))
    A = summed(*map(np.hstack, zip(*A_stores)), shape=(n, n))
    return A.tocsr()

u = np.sin(np.arange(n) + 1.0)
for step in range(6):  # hot: 0.9
    A = matrix(u)
    u = spsolve(A, u)  # banded: 100 1
print(u.sum())
