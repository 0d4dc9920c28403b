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
    x, y = nodes[triangles].transpose(2, 0, 1)
    b = np.roll(y, -1, 1) - np.roll(y, -2, 1)
    c = np.roll(x, -2, 1) - np.roll(x, -1, 1)
    area = 0.5 * ((x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0]))
    values = (b[:, :, None] * b[:, None] + c[:, :, None] * c[:, None]) / (4 * area[:, None, None])
    rows, columns = np.repeat(triangles, 3, axis=1), np.tile(triangles, 3)
    inner = np.ones(len(nodes), bool)
    inner[boundary] = False
    kept = inner[rows].ravel()
    one = np.ones(len(boundary))
    entries = (
        np.r_[values.ravel()[kept], one],
        (np.r_[rows.ravel()[kept], boundary], np.r_[columns.ravel()[kept], boundary]),
    )
    K = sp.csr_matrix(entries, shape=(len(nodes), len(nodes)))
    f = source(x.mean(axis=1), y.mean(axis=1))
    F = np.bincount(triangles.ravel(), np.repeat(f * area / 3, 3), len(nodes))
    F[boundary] = 0.0
    return K, F


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
