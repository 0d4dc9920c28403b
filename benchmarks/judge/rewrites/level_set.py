"""A level set in a swirling flow, upwind, reinitialised from time to time; npz and figure written."""
import numpy as np
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from numpy import (array, cos, hypot, linspace, maximum, meshgrid, minimum, pad, pi, savez, sin, sqrt, where,
                   zeros_like)

n = 60
h = 1.0 / (n - 1)
X, Y = meshgrid(linspace(0, 1, n), linspace(0, 1, n), indexing="ij")
phi = sqrt((X - 0.5) ** 2 + (Y - 0.75) ** 2) - 0.15
U = -sin(pi * X) ** 2 * sin(2 * pi * Y)
V = sin(pi * Y) ** 2 * sin(2 * pi * X)


def upwind(a, u, v):
    gx = zeros_like(a)
    gy = zeros_like(a)
    for i in range(n):
        for j in range(n):
            il, ir = max(i - 1, 0), min(i + 1, n - 1)
            jl, jr = max(j - 1, 0), min(j + 1, n - 1)
            gx[i, j] = (a[i, j] - a[il, j]) / h if u[i, j] > 0 else (a[ir, j] - a[i, j]) / h
            gy[i, j] = (a[i, j] - a[i, jl]) / h if v[i, j] > 0 else (a[i, jr] - a[i, j]) / h
    return u * gx + v * gy


def reinit(a, sweeps):
    s = a / sqrt(a**2 + h**2)
    for _ in range(sweeps):
        p = pad(a, 1, mode="edge")
        xm, xp = (a - p[:-2, 1:-1]) / h, (p[2:, 1:-1] - a) / h
        ym, yp = (a - p[1:-1, :-2]) / h, (p[1:-1, 2:] - a) / h
        plus = sqrt(maximum(maximum(xm, 0) ** 2, minimum(xp, 0) ** 2)
                    + maximum(maximum(ym, 0) ** 2, minimum(yp, 0) ** 2))
        minus = sqrt(maximum(minimum(xm, 0) ** 2, maximum(xp, 0) ** 2)
                     + maximum(minimum(ym, 0) ** 2, maximum(yp, 0) ** 2))
        grad = where(s > 0, plus, minus)
        a = a - 0.5 * h * s * (grad - 1)
    return a


dt = 0.5 * h
areas = []
steps = 70
for step in range(steps):
    w = cos(pi * step / steps)
    phi = phi - dt * upwind(phi, w * U, w * V)
    if step % 10 == 9:
        phi = reinit(phi, 5)
    areas.append((phi < 0).sum() * h * h)
savez("level.npz", phi=phi, areas=array(areas))
plt.contour(X, Y, phi, [0.0])
plt.savefig("level.png")
