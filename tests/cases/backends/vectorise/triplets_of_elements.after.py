# type: triangles numpy.ndarray int64 2
# type: points numpy.ndarray float64 2
# type: rows list
# type: columns list
# type: values list
import numpy as np
from scipy.sparse import coo_matrix


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


def stiffness_of_all(xy):
    """What stiffness gives for each of many elements, which are the first axis."""
    J = np.swapaxes(np.stack([xy[:, 1] - xy[:, 0], xy[:, 2] - xy[:, 0]], axis=1), 1, 2)
    G = np.swapaxes(np.linalg.inv(J), 1, 2) @ np.array([[-1, 1, 0], [-1, 0, 1]])
    return (abs(np.linalg.det(J)) / 2)[:, None, None] * (np.swapaxes(G, 1, 2) @ G)


def update_rows_and_columns(points, triangles):
    """What the loop over e stores in rows, columns, values, for all its turns at once."""
    elements_count = len(triangles)
    e = triangles
    stores = []
    # what one element adds
    ke = stiffness_of_all(points[e])
    for a in range(3):
        for b in range(3):
            stores.append((e[:, a], e[:, b], ke[:, a, b], True))
    return stored_in_order(elements_count, stores, 3)


points = np.array([[0, 0], [1, 0], [0, 1], [1, 1.0]])
triangles = np.array([[0, 1, 2], [1, 3, 2]])
# hot: 0.8
rows, columns, values = update_rows_and_columns(points, triangles)
K = coo_matrix((values, (rows, columns)), shape=(4, 4)).tocsr()
print(K.toarray())
