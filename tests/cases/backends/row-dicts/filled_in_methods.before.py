# type: Poisson.element:nodes numpy.ndarray int64 1
# type: ke numpy.ndarray float64 2
import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve


class Poisson:
    def __init__(self, n):
        self.n = n
        self.K = lil_matrix((n, n))  # the stiffness

    def element(self, nodes, ke):
        for a in range(2):
            for b in range(2):
                self.K[nodes[a], nodes[b]] += ke[a, b]  # stored: lil 4800, hot: 0.5

    def block(self, nodes, ke):
        self.K[np.ix_(nodes, nodes)] += ke  # at once; stored: lil 1200, hot: 0.4

    def solve(self):
        for i in (0, self.n - 1):
            self.K[i, :] = 0
            self.K[i, i] = 1
        return spsolve(self.K.tocsr(), np.ones(self.n))


ke = np.array([[1.0, -1.0], [-1.0, 1.0]])
problem = Poisson(1201)
for e in range(1200):
    nodes = np.array([e, e + 1])
    problem.element(nodes, ke)
    problem.block(nodes, ke)
print(problem.solve().max())
