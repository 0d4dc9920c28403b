# type: stiffness:e int
# type: stiffness:a int
# type: stiffness:c int
# type: stiffness:node int
# type: stiffness:triangles numpy.ndarray int64 2
# type: stiffness:boundary list[int]
import numpy as np
import scipy.sparse as sp


def stiffness(points, triangles, boundary):
    K = sp.dok_matrix((len(points), len(points)))
    for e in range(len(triangles)):  # hot: 0.7
        x, y = points[triangles[e]].T
        area = 0.5 * abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))
        gx = np.array([y[1] - y[2], y[2] - y[0], y[0] - y[1]])
        gy = np.array([x[2] - x[1], x[0] - x[2], x[1] - x[0]])
        for a in range(3):
            for c in range(3):
                K[triangles[e, a], triangles[e, c]] += (gx[a] * gx[c] + gy[a] * gy[c]) / (4 * area)
    for node in boundary:
        K[node, :] = 0
        K[node, node] = 1.0
    return K.tocsr()


points = np.array([[0, 0], [1, 0], [0, 1], [1, 1.0]])
print(stiffness(points, np.array([[0, 1, 2], [1, 3, 2]]), [0, 3]).toarray())
