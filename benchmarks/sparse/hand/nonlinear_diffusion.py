"""Nonlinear diffusion: in every Picard iteration a matrix with the same pattern and other values.

    u_t = (k(u) u_x)_x + f,   k(u) = 1 + u^2,   u = 0 at both ends

Manufactured: u = exp(-t) sin(pi x).
"""

import argparse

import numpy as np
from scipy.linalg import solve_banded


def conductivity(u):
    return 1.0 + u * u


def exact(x, t):
    return np.exp(-t) * np.sin(np.pi * x)


def source(x, t):
    u = exact(x, t)
    ux = np.pi * np.exp(-t) * np.cos(np.pi * x)
    return -u + np.pi**2 * u * (1 + u**2) - 2 * u * ux**2


def build_matrix(u, dx, dt):
    k = conductivity(u)
    face = 0.5 * (k[1:] + k[:-1])
    bands = np.zeros((3, len(u)))
    bands[0, 2:] = -dt / dx**2 * face[1:]
    bands[1, 1:-1] = 1.0 + dt / dx**2 * (face[1:] + face[:-1])
    bands[2, :-2] = -dt / dx**2 * face[:-1]
    bands[1, 0] = bands[1, -1] = 1.0
    return bands


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=240, help="cells")
    n = parser.parse_args().n
    x = np.linspace(0.0, 1.0, n + 1)
    dx = x[1] - x[0]
    dt = 0.5 * dx * dx * 40
    steps = int(round(0.2 / dt)) + 1
    u = exact(x, 0.0)
    t = 0.0
    for step in range(steps):
        t += dt
        b = u + dt * source(x, t)
        b[0] = b[-1] = 0.0
        new = u.copy()
        for iteration in range(20):
            old = new
            new = solve_banded((1, 1), build_matrix(old, dx, dt), b)
            if np.abs(new - old).max() < 1e-10:
                break
        u = new
        if step % 20 == 0:
            print(f"step {step:4d}  {iteration + 1} iterations  maximum {u.max():.10f}")
    print(f"maximum error {np.abs(u - exact(x, t)).max():.6e}")


main()
