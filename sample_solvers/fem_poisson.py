"""Poisson equation by linear finite elements on triangles: the stiffness matrix is a DOK matrix.

    -(u_xx + u_yy) = f,   u = 0 on the boundary of the unit square

Manufactured: u = sin(pi x) sin(pi y).
"""

import argparse

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla


def mesh(n):
    """Nodes, triangles and boundary nodes of a regular mesh."""
    x = np.linspace(0.0, 1.0, n + 1)
    nodes = np.array([(a, b) for b in x for a in x])
    triangles = []
    for j in range(n):
        for i in range(n):
            k = j * (n + 1) + i
            triangles.append((k, k + 1, k + n + 1))
            triangles.append((k + 1, k + n + 2, k + n + 1))
    boundary = [k for k, (a, b) in enumerate(nodes) if a in (0.0, 1.0) or b in (0.0, 1.0)]
    return nodes, np.array(triangles), boundary


def source(x, y):
    return 2 * np.pi**2 * np.sin(np.pi * x) * np.sin(np.pi * y)


def assemble(nodes, triangles, boundary):
    """Stiffness matrix and load vector, with Dirichlet rows."""
    K = sp.dok_matrix((len(nodes), len(nodes)))
    F = np.zeros(len(nodes))
    for e in range(len(triangles)):
        t = triangles[e]
        x1, y1 = nodes[t[0]]
        x2, y2 = nodes[t[1]]
        x3, y3 = nodes[t[2]]
        area = 0.5 * ((x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1))
        b = [y2 - y3, y3 - y1, y1 - y2]
        c = [x3 - x2, x1 - x3, x2 - x1]
        f = source((x1 + x2 + x3) / 3, (y1 + y2 + y3) / 3)
        for p in range(3):
            for q in range(3):
                K[t[p], t[q]] += (b[p] * b[q] + c[p] * c[q]) / (4 * area)
            F[t[p]] += f * area / 3
    for k in boundary:
        K[k, :] = 0
        K[k, k] = 1.0
        F[k] = 0.0
    return K.tocsr(), F


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=80, help="cells along each side")
    n = parser.parse_args().n
    nodes, triangles, boundary = mesh(n)
    K, F = assemble(nodes, triangles, boundary)
    u = spla.spsolve(K, F)
    exact = np.sin(np.pi * nodes[:, 0]) * np.sin(np.pi * nodes[:, 1])
    error = np.sqrt(np.mean((u - exact) ** 2))
    print(f"{len(nodes)} nodes, {K.nnz} entries, maximum {u.max():.12f}")
    print(f"L2 error {error:.6e}")


if __name__ == "__main__":
    main()
