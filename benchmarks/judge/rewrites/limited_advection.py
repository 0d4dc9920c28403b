"""Advection of a pulse on a ring with the van Leer limiter, Heun's method, cell by cell."""

import numpy as np

N = 64
cfl = 0.4
speed = 1.0


def flux(q):
    f = np.zeros(N + 1)
    for i in range(N + 1):
        l2, l1, r1 = q[i - 2], q[i - 1], q[i % N]
        down, up = l1 - l2, r1 - l1
        if down * up > 0.0:
            slope = 2.0 * down * up / (down + up)
        else:
            slope = 0.0
        f[i] = speed * (l1 + 0.5 * slope)
    return f


def rate(q, dx):
    f = flux(q)
    return -(f[1:] - f[:-1]) / dx


def main():
    dx = 1.0 / N
    dt = cfl * dx / speed
    x = (np.arange(N) + 0.5) * dx
    q = np.exp(-200 * (x - 0.3) ** 2) + np.where((x > 0.6) & (x < 0.8), 1.0, 0.0)
    t = 0.0
    while t < 0.503 - 1e-9:
        step = min(dt, 0.503 - t)
        q1 = q + step * rate(q, dx)
        q2 = q1 + step * rate(q1, dx)
        q = 0.5 * (q + q2)
        t += step
    return x, q


x, q = main()
print("mass %.12f" % (q.sum() / N), "total variation %.8f" % np.abs(np.diff(q)).sum())
