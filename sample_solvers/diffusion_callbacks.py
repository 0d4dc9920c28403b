"""Reaction and diffusion with the source term, the conductivity and the boundary given as functions.

    u_t = (k u_x)_x + (k u_y)_y + s   on the unit square

Manufactured: u = exp(-t) (1 + x^2) cos(y), with k = 1 + x / 2. Finite volumes with k on the faces; dt is
proportional to h^2: second order.
"""

import argparse
import math

import numpy as np


def exact(x, y, t):
    return math.exp(-t) * (1.0 + x * x) * math.cos(y)


def source(x, y, t):
    k = 1.0 + 0.5 * x
    spatial = 2.0 * k * math.cos(y) + 0.5 * 2.0 * x * math.cos(y) - k * (1.0 + x * x) * math.cos(y)
    return -exact(x, y, t) - math.exp(-t) * spatial


def apply_boundary(u, t, h, value):
    n = u.shape[0] - 1
    for i in range(n + 1):
        u[i, 0] = value(i * h, 0.0, t)
        u[i, n] = value(i * h, 1.0, t)
        u[0, i] = value(0.0, i * h, t)
        u[n, i] = value(1.0, i * h, t)


def solve(n, t_end, conductivity, source, boundary, report=None):
    h = 1.0 / n
    steps = math.ceil(t_end / (0.15 * h * h))
    dt = t_end / steps
    u = np.zeros((n + 1, n + 1))
    for i in range(n + 1):
        for j in range(n + 1):
            u[i, j] = boundary(i * h, j * h, 0.0)
    for step in range(steps):
        t = step * dt
        un = u.copy()
        for i in range(1, n):
            for j in range(1, n):
                x = i * h
                y = j * h
                east = conductivity(x + 0.5 * h) * (un[i + 1, j] - un[i, j])
                west = conductivity(x - 0.5 * h) * (un[i, j] - un[i - 1, j])
                north_south = conductivity(x) * (un[i, j + 1] - 2.0 * un[i, j] + un[i, j - 1])
                u[i, j] = un[i, j] + dt * ((east - west + north_south) / h**2 + source(x, y, t))
        apply_boundary(u, t + dt, h, boundary)
        if report is not None:
            report(step, u)
    return u


def report(step, u):
    if step % 100 == 0:
        print(f"step {step:5d}  mean {u.mean():.10f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=54, help="cells along each side")
    n = parser.parse_args().n
    u = solve(n, 0.05, lambda x: 1.0 + 0.5 * x, source, exact, report)
    error = 0.0
    for i in range(n + 1):
        for j in range(n + 1):
            error = max(error, abs(u[i, j] - exact(i / n, j / n, 0.05)))
    print(f"maximum error {error:.6e}")
