# type: stiffness:e int
# type: stiffness:a int
# type: stiffness:c int
# type: stiffness:node int
# type: stiffness:triangles numpy.ndarray int64 2
# type: stiffness:boundary list[int]
import numpy as np
import scipy.sparse as sp


def with_unit_rows(A, rows, value=1):
    """A in CSR format, with some rows cleared, but for a value on the diagonal."""
    entries = A.tocoo()
    is_cleared = np.zeros(A.shape[0], dtype=bool)
    is_cleared[list(rows)] = True
    kept, (fixed,) = ~is_cleared[entries.row], is_cleared.nonzero()
    values = np.r_[entries.data[kept], np.full(fixed.size, value, entries.dtype)]
    places = np.r_[entries.row[kept], fixed], np.r_[entries.col[kept], fixed]
    return type(entries)((values, places), shape=A.shape).tocsr()


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


def stiffness(points, triangles, boundary):
    K_rows = np.empty(len(triangles) * 3 * 3, dtype=np.int64)
    K_columns = np.empty_like(K_rows)
    K_values = np.empty(len(K_rows))
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
                K_count += 1
    K = summed(K_rows[:K_count], K_columns[:K_count], K_values[:K_count], (len(points), len(points)))
    K = with_unit_rows(K, boundary, 1.0)
    return K.tocsr()


points = np.array([[0, 0], [1, 0], [0, 1], [1, 1.0]])
print(stiffness(points, np.array([[0, 1, 2], [1, 3, 2]]), [0, 3]).toarray())
