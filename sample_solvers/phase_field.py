"""A phase-field front (Allen-Cahn, bistable) in a periodic strip; helper functions nested in the solver.

    u_t = D (u_xx + u_yy) + u (1 - u) (u - a)

Exact: the plane front u = 1 / (1 + exp((x - c t) / sqrt(2 D))) with c = sqrt(D / 2) (1 - 2 a). Exact values
at both ends in x, periodic in y. dt is proportional to dx^2: second order.
"""

import argparse
import math

import numpy as np


def simulate(n, D=0.01, a=0.2, t_end=4.0, length=3.0):
    dx = length / n
    ny = max(4, n // 6)
    steps = math.ceil(t_end / (0.15 * dx * dx / D))
    dt = t_end / steps
    speed = math.sqrt(D / 2) * (1 - 2 * a)

    def front(i, t):
        return 1.0 / (1.0 + math.exp((i * dx - 0.4 * length - speed * t) / math.sqrt(2 * D)))

    def reaction(v):
        return v * (1.0 - v) * (v - a)

    def laplacian(f, i, j):
        return (f[i + 1, j] + f[i - 1, j] + f[i, (j + 1) % ny] + f[i, (j - 1) % ny] - 4.0 * f[i, j]) / dx**2

    u = np.zeros((n + 1, ny))
    for i in range(n + 1):
        for j in range(ny):
            u[i, j] = front(i, 0.0)

    area = []
    for step in range(steps):
        new = u.copy()
        for i in range(1, n):
            for j in range(ny):
                new[i, j] = u[i, j] + dt * (D * laplacian(u, i, j) + reaction(u[i, j]))
        for j in range(ny):
            new[0, j] = front(0, (step + 1) * dt)
            new[n, j] = front(n, (step + 1) * dt)
        u = new
        if step % 50 == 0:
            area.append(u.mean())
            print("step %4d   mean phase %.10f" % (step, area[-1]))

    error = 0.0
    for i in range(n + 1):
        for j in range(ny):
            error += (u[i, j] - front(i, t_end)) ** 2
    return u, math.sqrt(error / u.size)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=165, help="cells along the strip")
    u, error = simulate(parser.parse_args().n)
    print("L2 error %.6e" % error)
