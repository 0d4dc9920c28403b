"""Triangles on a unit square: assembly element by element, Dirichlet edges, one sparse solve."""

import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

n = 10
xs = np.linspace(0, 1, n + 1)
nodes = np.array([(a, b) for b in xs for a in xs])
triangles = []
for j in range(n):
    for i in range(n):
        p = j * (n + 1) + i
        triangles.append((p, p + 1, p + n + 2))
        triangles.append((p, p + n + 2, p + n + 1))


def conductivity(x, y):
    return 1.0 + 0.5 * x * y


def assemble():
    m = len(nodes)
    K = lil_matrix((m, m))
    b = np.zeros(m)
    for t in triangles:
        P = nodes[list(t)]
        J = np.array([P[1] - P[0], P[2] - P[0]])
        area = 0.5 * abs(J[0, 0] * J[1, 1] - J[0, 1] * J[1, 0])
        grads = np.linalg.solve(J, np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]]))
        middle = P.mean(axis=0)
        k = conductivity(*middle)
        for a in range(3):
            for c in range(3):
                K[t[a], t[c]] += k * area * grads[:, a] @ grads[:, c]
            b[t[a]] += area / 3 * np.sin(np.pi * middle[0])
    return K, b


K, b = assemble()
edge = [i for i, (x, y) in enumerate(nodes) if x in (0, 1) or y in (0, 1)]
for i in edge:
    K[i, :] = 0
    K[i, i] = 1
    b[i] = nodes[i][0] ** 2
u = spsolve(K.tocsr(), b)
print("largest", u.max(), "energy", 0.5 * u @ (K.tocsr() @ u))
