"""A cantilever of beam elements under a step load, by Newmark's method with dense matrices; the tip is written."""

import numpy as np

ne, length, stiffness, density = 12, 1.0, 1.0, 1.0
h = length / ne
k = stiffness / h**3 * np.array(
    [[12, 6 * h, -12, 6 * h], [6 * h, 4 * h * h, -6 * h, 2 * h * h],
     [-12, -6 * h, 12, -6 * h], [6 * h, 2 * h * h, -6 * h, 4 * h * h]]
)
m = density * h / 420 * np.array(
    [[156, 22 * h, 54, -13 * h], [22 * h, 4 * h * h, 13 * h, -3 * h * h],
     [54, 13 * h, 156, -22 * h], [-13 * h, -3 * h * h, -22 * h, 4 * h * h]]
)
ndof = 2 * (ne + 1)
K, M = np.zeros((ndof, ndof)), np.zeros((ndof, ndof))
for e in range(ne):
    for i in range(4):
        for j in range(4):
            K[2 * e + i, 2 * e + j] += k[i, j]
            M[2 * e + i, 2 * e + j] += m[i, j]
K, M = K[2:, 2:], M[2:, 2:]
C = 0.01 * M + 1e-4 * K
load = np.zeros(ndof - 2)
load[-2] = 1.0
dt, beta, gamma = 0.002, 0.25, 0.5
u, v = np.zeros(ndof - 2), np.zeros(ndof - 2)
a = np.linalg.solve(M, load)
tip = []
for step in range(300):
    guess_u = u + dt * v + dt**2 * (0.5 - beta) * a
    guess_v = v + dt * (1 - gamma) * a
    a = np.linalg.solve(M + gamma * dt * C + beta * dt**2 * K, load - C @ guess_v - K @ guess_u)
    u = guess_u + beta * dt**2 * a
    v = guess_v + gamma * dt * a
    tip.append((step * dt, u[-2], v[-2]))
np.savetxt("tip.csv", tip, delimiter=",", header="t,u,v")
print("largest", max(row[1] for row in tip), "energy", 0.5 * v @ M @ v + 0.5 * u @ K @ u - load @ u)
