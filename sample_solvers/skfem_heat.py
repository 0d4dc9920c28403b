"""Heat equation with scikit-fem: backward Euler on triangles (needs the package scikit-fem).

Exact: u = exp(-2 pi^2 t) sin(pi x) sin(pi y).
"""

import argparse

import numpy as np
from scipy.sparse.linalg import spsolve
from skfem import Basis, BilinearForm, ElementTriP1, MeshTri, condense
from skfem.helpers import dot, grad

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=100, help="cells along each side")
n = parser.parse_args().n


@BilinearForm
def stiffness(u, v, w):
    return dot(grad(u), grad(v))


@BilinearForm
def mass(u, v, w):
    return u * v


side = np.linspace(0.0, 1.0, n + 1)
basis = Basis(MeshTri.init_tensor(side, side), ElementTriP1())
K, M = stiffness.assemble(basis), mass.assemble(basis)
x, y = basis.doflocs
u = np.sin(np.pi * x) * np.sin(np.pi * y)
boundary = basis.get_dofs().flatten()
dt = 4.0 / n**2
steps = round(0.02 / dt)
for step in range(steps):
    A, b = condense(M + dt * K, M @ u, D=boundary, expand=False)
    inner = np.setdiff1d(np.arange(len(u)), boundary)
    u[inner] = spsolve(A, b)
    u[boundary] = 0.0
exact = np.exp(-2 * np.pi**2 * steps * dt) * np.sin(np.pi * x) * np.sin(np.pi * y)
print(f"maximum {u.max():.12f}")
print(f"relative L2 error {np.linalg.norm(u - exact) / np.linalg.norm(exact):.6e}")
