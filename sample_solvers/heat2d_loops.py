"""Heat equation on the unit square, explicit in time, written as plain loops over cells.

    u_t = u_xx + u_yy,   u = 0 on the boundary,   u(x, y, 0) = sin(pi x) sin(pi y)

Exact: u = exp(-2 pi^2 t) sin(pi x) sin(pi y). Forward Euler and the 5-point Laplacian; the time step
shrinks with the square of the spacing, so the error does too.
"""

import argparse

import numpy as np

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=64, help="cells along each side")
n = parser.parse_args().n

t_end = 0.06
h = 1.0 / n
dt = 0.2 * h * h
steps = round(t_end / dt)

x = np.linspace(0.0, 1.0, n + 1)
u = np.outer(np.sin(np.pi * x), np.sin(np.pi * x))
energy = []

for step in range(steps):
    un = u.copy()
    for i in range(1, n):
        for j in range(1, n):
            u[i, j] = un[i, j] + dt / h**2 * (un[i + 1, j] + un[i - 1, j] + un[i, j + 1] + un[i, j - 1] - 4 * un[i, j])
    if step % 100 == 0:
        energy.append(np.sum(u**2) * h**2)
        print(f"step {step:5d}  energy {energy[-1]:.12e}")

exact = np.exp(-2 * np.pi**2 * steps * dt) * np.outer(np.sin(np.pi * x), np.sin(np.pi * x))
error = np.sqrt(np.sum((u - exact) ** 2) / np.sum(exact**2))
print(f"relative L2 error {error:.6e}")
