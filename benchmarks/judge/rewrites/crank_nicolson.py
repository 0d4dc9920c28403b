"""Heat in a rod with a source, Crank-Nicolson, one banded solve a step."""

import numpy as np
from scipy.linalg import solve_banded

n, steps = 81, 60
x = np.linspace(0.0, 1.0, n)
h = x[1] - x[0]
dt = 2.0e-3
r = 0.5 * dt / h**2
u = np.sin(np.pi * x) + 0.3 * x * (1 - x)
ab = np.zeros((3, n - 2))
ab[0, 1:] = -r
ab[1] = 1 + 2 * r
ab[2, :-1] = -r
energy = []
for step in range(steps):
    t = step * dt
    source = np.exp(-t) * x * (1 - x)
    rhs = u[1:-1] + r * (u[2:] - 2 * u[1:-1] + u[:-2]) + dt * source[1:-1]
    u[1:-1] = solve_banded((1, 1), ab, rhs)
    energy.append(h * np.sum(u**2))
print(f"largest {u.max():.10f}")
