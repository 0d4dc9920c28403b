"""The lowest vibration of a membrane by inverse iteration: one solve with the same matrix in every step.

    -(u_xx + u_yy) = lambda u on the unit square,   u = 0 on the boundary

Exact: lambda = 2 pi^2.
"""

import argparse

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla


def stiffness(n):
    """Five-point Laplacian on the inner points."""
    m = n - 1
    T = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(m, m)) * n**2
    return sp.kron(sp.identity(m), T) + sp.kron(T, sp.identity(m))


def lowest(A, tol=1e-12):
    """Eigenvalue and eigenvector by inverse iteration."""
    A = A.tocsc()
    factors = sla.splu(A)
    v = np.random.default_rng(0).random(A.shape[0])
    v /= np.linalg.norm(v)
    value = 0.0
    while True:
        w = factors.solve(v)
        w = w / np.linalg.norm(w)
        new = w @ (A @ w)
        if abs(new - value) < tol * new:
            return new, w
        value, v = new, w


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=140, help="cells along each side")
    value, mode = lowest(stiffness(parser.parse_args().n))
    print(f"eigenvalue {value:.12f}, largest deflection {abs(mode).max():.12f}")
    print(f"relative error {abs(value - 2 * np.pi**2) / (2 * np.pi**2):.6e}")
