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


def bar(length):
    return np.array([[1.0, -1.0], [-1.0, 1.0]]) / length


def add_element(K, dofs, ke):
    # the rows and columns of the bar's ends
    for a in range(2):
        for b in range(2):
            K[dofs[a], dofs[b]] += ke[a, b]


def assemble(points, conn):
    K = sp.lil_matrix((len(points), len(points)))
    for e in range(len(conn)):  # hot: 0.7
        dofs = conn[e]
        add_element(K, dofs, bar(points[dofs[1]] - points[dofs[0]]))  # symmetric
    return K.tocsr()


if __name__ == "__main__":
    points = np.array([0.0, 0.1, 0.3, 0.6])
    print(assemble(points, np.array([[0, 1], [1, 2], [2, 3]])).toarray())
