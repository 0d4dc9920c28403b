"""Gray-Scott reaction and diffusion on a torus, by np.roll."""

import sys

import numpy as np


def laplacian(z):
    return np.roll(z, 1, 0) + np.roll(z, -1, 0) + np.roll(z, 1, 1) + np.roll(z, -1, 1) - 4 * z


n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 10
du, dv, feed, kill = 0.16, 0.08, 0.035, 0.065
u = np.ones((n, n))
v = np.zeros((n, n))
u[n // 4 : n // 2, n // 4 : n // 2] = 0.5
v[n // 4 : n // 2, n // 4 : n // 2] = 0.25
for _ in range(steps):
    uvv = u * v * v
    u = u + du * laplacian(u) - uvv + feed * (1 - u)
    v = v + dv * laplacian(v) + uvv - (feed + kill) * v
print(u.sum(), v.sum())
