"""Poisson's equation by successive over-relaxation, swept in place until it stops changing.

    u_xx + u_yy = f   on the unit square, u = 0 on the boundary

Manufactured: u = sin(pi x) sin(2 pi y). 5-point Laplacian, second order.
"""

import argparse
from math import pi, sin

import numpy as np

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=100, help="cells along each side")
n = parser.parse_args().n

h = 1.0 / n
omega = 2.0 / (1.0 + sin(pi * h))
tol = 1e-10

u = np.zeros((n + 1, n + 1))
f = np.zeros((n + 1, n + 1))
for i in range(n + 1):
    for j in range(n + 1):
        f[i, j] = -5.0 * pi**2 * sin(pi * i * h) * sin(2 * pi * j * h)

history = []
change = 1.0
while change > tol:
    change = 0.0
    for i in range(1, n):
        for j in range(1, n):
            r = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - h * h * f[i, j]) - u[i, j]
            u[i, j] += omega * r
            if abs(r) > change:
                change = abs(r)
    history.append(change)
    if len(history) % 50 == 0:
        print(f"sweep {len(history):4d}  change {change:.3e}")

error = 0.0
for i in range(n + 1):
    for j in range(n + 1):
        error = max(error, abs(u[i, j] - sin(pi * i * h) * sin(2 * pi * j * h)))
print(f"{len(history)} sweeps")
print(f"maximum error {error:.6e}")
