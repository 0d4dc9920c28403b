# type: triangles numpy.ndarray int64 2
# type: points numpy.ndarray float64 2
# type: rows list
# type: columns list
# type: values list
import numpy as np
from scipy.sparse import coo_matrix


def stiffness(xy):
    J = np.array([xy[1] - xy[0], xy[2] - xy[0]]).T
    G = np.linalg.inv(J).T @ np.array([[-1, 1, 0], [-1, 0, 1]])
    return abs(np.linalg.det(J)) / 2 * (G.T @ G)


points = np.array([[0, 0], [1, 0], [0, 1], [1, 1.0]])
triangles = np.array([[0, 1, 2], [1, 3, 2]])
rows, columns, values = [], [], []
for e in triangles:  # hot: 0.8
    # what one element adds
    ke = stiffness(points[e])
    for a in range(3):
        for b in range(3):
            rows.append(e[a])
            columns.append(e[b])
            values.append(ke[a, b])
K = coo_matrix((values, (rows, columns)), shape=(4, 4)).tocsr()
print(K.toarray())
