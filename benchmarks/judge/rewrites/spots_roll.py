"""Gray and Scott's reaction and diffusion on a torus, by np.roll, with a seeded start."""

import numpy as np

rng = np.random.default_rng(3)
n = 32
Du, Dv, feed, kill = 0.16, 0.08, 0.035, 0.065
U = np.ones((n, n))
V = np.zeros((n, n))
U[12:20, 12:20] = 0.5
V[12:20, 12:20] = 0.25
U += 0.02 * rng.random((n, n))


def lap(Z):
    return (
        np.roll(Z, 1, 0) + np.roll(Z, -1, 0) + np.roll(Z, 1, 1) + np.roll(Z, -1, 1) - 4 * Z
    )


totals = []
for step in range(200):
    uvv = U * V * V
    dU = Du * lap(U) - uvv + feed * (1 - U)
    dV = Dv * lap(V) + uvv - (feed + kill) * V
    U = U + dU
    V = V + dV
    if step % 20 == 0:
        totals.append((U.sum(), V.sum()))
print(totals[-1])
