# type: assemble:e int
# type: assemble:dofs numpy.ndarray int64 1 2
# type: assemble:conn numpy.ndarray int64 2 3x2
# type: add_element:K scipy.sparse._lil.lil_matrix
# type: add_element:dofs numpy.ndarray int64 1 2
# type: add_element:ke numpy.ndarray float64 2 2x2
# type: add_element:a int
# type: add_element:b int
# type: bar:length numpy.float64
import numpy as np
import scipy.sparse as sp


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


def bar(length):
    return np.array([[1.0, -1.0], [-1.0, 1.0]]) / length


def add_element(K, dofs, ke):
    # the rows and columns of the bar's ends
    for a in range(2):
        for b in range(2):
            K[dofs[a], dofs[b]] += ke[a, b]


def assemble(points, conn):
    K_rows = np.empty(len(conn) * 2 * 2, dtype=np.int64)
    K_columns = np.empty_like(K_rows)
    K_values = np.empty(len(K_rows))
    K_count = 0
    for e in range(len(conn)):  # hot: 0.7
        dofs = conn[e]
        # symmetric
        ke = bar(points[dofs[1]] - points[dofs[0]])
        # the rows and columns of the bar's ends
        for a in range(2):
            for b in range(2):
                K_rows[K_count] = dofs[a]
                K_columns[K_count] = dofs[b]
                K_values[K_count] = ke[a, b]
                K_count += 1
    K = summed(K_rows[:K_count], K_columns[:K_count], K_values[:K_count], (len(points), len(points)))
    return K.tocsr()


if __name__ == "__main__":
    points = np.array([0.0, 0.1, 0.3, 0.6])
    print(assemble(points, np.array([[0, 1], [1, 2], [2, 3]])).toarray())
