"""Heat equation in one dimension by Crank-Nicolson with dense matrices, solved anew in every step.

    u_t = u_xx on (0, 1),   u = 0 at both ends

Exact: u = exp(-pi^2 t) sin(pi x).
"""

import argparse

import numpy as np
from scipy.sparse import diags, identity
from scipy.sparse.linalg import splu

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=700, help="cells")
n = parser.parse_args().n

dx = 1.0 / n
dt = 0.25 * dx
steps = int(round(0.03 / dt))
r = dt / (2 * dx**2)

main = np.ones(n - 1)
off = np.ones(n - 2)
L = diags([off, -2 * main, off], [-1, 0, 1])
A = splu((identity(n - 1) - r * L).tocsc())
B = (identity(n - 1) + r * L).tocsr()

x = np.linspace(dx, 1 - dx, n - 1)
u = np.sin(np.pi * x)
t = 0.0
for k in range(steps):
    u = A.solve(B @ u)
    t += dt
    if k % 10 == 0:
        print("t = %.5f   maximum %.12f" % (t, u.max()))

error = np.abs(u - np.exp(-(np.pi**2) * t) * np.sin(np.pi * x)).max()
print(f"maximum error {error:.6e}")
