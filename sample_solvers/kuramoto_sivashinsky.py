"""The Kuramoto-Sivashinsky equation with a forcing, periodic, with indices that wrap round.

    u_t + u u_x + u_xx + u_xxxx = F   on 0 < x < 2 pi

Manufactured: u = sin(x - t), so F = cos(x - t) (sin(x - t) - 1). Central differences, forward Euler with
dt proportional to dx^4: second order.
"""

import argparse
from math import ceil, cos, pi, sin

import numpy as np

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=72, help="cells")
n = parser.parse_args().n

t_end = 0.25
dx = 2 * pi / n
steps = ceil(t_end / (0.1 * dx**4))
dt = t_end / steps

u = np.zeros(n)
for i in range(n):
    u[i] = sin(i * dx)


def forcing(x, t):
    return cos(x - t) * (sin(x - t) - 1.0)


def step(u, t):
    new = np.zeros(n)
    for i in range(n):
        right = u[(i + 1) % n]
        right2 = u[(i + 2) % n]
        left = u[i - 1]
        left2 = u[i - 2]
        advection = u[i] * (right - left) / (2 * dx)
        second = (right - 2 * u[i] + left) / dx**2
        fourth = (right2 - 4 * right + 6 * u[i] - 4 * left + left2) / dx**4
        new[i] = u[i] + dt * (forcing(i * dx, t) - advection - second - fourth)
    return new


for k in range(steps):
    u = step(u, k * dt)
    if k % 5000 == 0:
        print(f"t = {k * dt:.4f}  norm {np.sqrt(np.mean(u**2)):.10f}")

error = 0.0
for i in range(n):
    error = max(error, abs(u[i] - sin(i * dx - t_end)))
print(f"maximum error {error:.6e}")
