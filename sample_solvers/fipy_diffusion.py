"""Diffusion with FiPy: implicit time steps on a two-dimensional grid (needs the package fipy).

Exact: u = exp(-2 pi^2 t) sin(pi x) sin(pi y).
"""

import argparse

import numpy as np
from fipy import CellVariable, DiffusionTerm, Grid2D, TransientTerm

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=80, help="cells along each side")
n = parser.parse_args().n

h = 1.0 / n
mesh = Grid2D(nx=n, ny=n, dx=h, dy=h)
x, y = mesh.cellCenters.value
u = CellVariable(name="u", mesh=mesh, value=np.sin(np.pi * x) * np.sin(np.pi * y))
u.constrain(0.0, mesh.exteriorFaces)
dt = 4 * h * h
steps = round(0.02 / dt)
equation = TransientTerm() == DiffusionTerm(coeff=1.0)
energy = []
for step in range(steps):
    equation.solve(var=u, dt=dt)
    total = 0.0
    for value in u.value:
        total += value * value
    energy.append(total * h * h)
exact = np.exp(-2 * np.pi**2 * steps * dt) * np.sin(np.pi * x) * np.sin(np.pi * y)
print(f"energy {energy[-1]:.10e}")
print(f"relative L2 error {np.linalg.norm(u.value - exact) / np.linalg.norm(exact):.6e}")
