"""Poisson's equation in one dimension by V-cycles that call themselves, to a tolerance."""

import numpy as np


def smooth(u, f, h, sweeps):
    for _ in range(sweeps):
        u[1:-1] = u[1:-1] + 2 / 3 * 0.5 * (u[2:] + u[:-2] - 2 * u[1:-1] + h * h * f[1:-1])
    return u


def residual(u, f, h):
    r = np.zeros_like(u)
    r[1:-1] = f[1:-1] + (u[2:] - 2 * u[1:-1] + u[:-2]) / h**2
    return r


def vcycle(u, f, h):
    if len(u) == 3:
        u[1] = 0.5 * (h * h * f[1] + u[0] + u[2])
        return u
    u = smooth(u, f, h, 3)
    r = residual(u, f, h)
    coarse = r[::2].copy()
    coarse[1:-1] = 0.25 * (r[1:-2:2] + 2 * r[2:-1:2] + r[3::2])
    e = vcycle(np.zeros(len(coarse)), coarse, 2 * h)
    full = np.zeros_like(u)
    full[::2] = e
    full[1::2] = 0.5 * (e[:-1] + e[1:])
    return smooth(u + full, f, h, 3)


n = 65
x = np.linspace(0, 1, n)
f = np.pi**2 * np.sin(np.pi * x) + 20 * x**3
u = np.zeros(n)
norms = []
while True:
    u = vcycle(u, f, x[1] - x[0])
    norms.append(np.linalg.norm(residual(u, f, x[1] - x[0])))
    if norms[-1] < 1e-6 * norms[0] or len(norms) > 40:
        break
print(len(norms), "cycles, largest", u.max())
