"""Viscous Burgers' equation in one dimension: a travelling front, upwinded by the sign of u.

    u_t + u u_x = nu u_xx   on -1 < x < 1

Exact (Cole-Hopf): u = (1 - tanh((x - t/2) / (4 nu))) / 2 - 1/4, shifted by a frame moving at 1/4, so
that both upwind directions occur. Boundary values are exact.
"""

import argparse
import math

import numpy as np

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=600, help="cells")
n = parser.parse_args().n

nu = 0.02
t_end = 0.8
dx = 2.0 / n
dt = 0.4 * min(dx / 0.75, dx * dx / (2 * nu))
steps = math.ceil(t_end / dt)
dt = t_end / steps


def front(x, t):
    return 0.5 * (1.0 - math.tanh((x - 0.25 * t) / (4.0 * nu))) - 0.25


x = np.linspace(-1.0, 1.0, n + 1)
u = np.zeros(n + 1)
for i in range(n + 1):
    u[i] = front(x[i], 0.0)
new = u.copy()

t = 0.0
times = []
mass = []
for k in range(steps):
    for i in range(1, n):
        if u[i] > 0.0:
            slope = (u[i] - u[i - 1]) / dx
        else:
            slope = (u[i + 1] - u[i]) / dx
        new[i] = u[i] + dt * (nu * (u[i + 1] - 2.0 * u[i] + u[i - 1]) / dx**2 - u[i] * slope)
    t += dt
    new[0] = front(-1.0, t)
    new[n] = front(1.0, t)
    u[:] = new
    if k % 500 == 0:
        times.append(t)
        mass.append(np.sum(u) * dx)
        print("t = %.4f   integral of u = %.10f" % (t, mass[-1]))

error = 0.0
for i in range(n + 1):
    error += abs(u[i] - front(x[i], t)) * dx
print("L1 error %.6e" % error)
