"""Point vortices in a disc, chaotic; Runge-Kutta with growing lists."""
import math
import random

random.seed(11)
N = 9
gamma = [1.0 if k % 2 else -0.8 for k in range(N)]
pos = [[random.uniform(-0.6, 0.6), random.uniform(-0.6, 0.6)] for _ in range(N)]
delta2 = 1e-4
track = []
hamiltonian = []


def velocity(p):
    out = []
    for a in range(N):
        vx = vy = 0.0
        for b in range(N):
            if a == b:
                continue
            dx, dy = p[a][0] - p[b][0], p[a][1] - p[b][1]
            w = gamma[b] / (2 * math.pi * (dx * dx + dy * dy + delta2))
            vx -= w * dy
            vy += w * dx
        for b in range(N):
            r2 = p[b][0] ** 2 + p[b][1] ** 2
            dx, dy = p[a][0] - p[b][0] / r2, p[a][1] - p[b][1] / r2
            w = -gamma[b] / (2 * math.pi * (dx * dx + dy * dy))
            vx -= w * dy
            vy += w * dx
        out.append((vx, vy))
    return out


def shifted(p, k, s):
    return [[q[0] + s * v[0], q[1] + s * v[1]] for q, v in zip(p, k)]


def energy(p):
    e = 0.0
    for a in range(N):
        for b in range(a):
            d2 = (p[a][0] - p[b][0]) ** 2 + (p[a][1] - p[b][1]) ** 2 + delta2
            e -= gamma[a] * gamma[b] * math.log(d2) / (4 * math.pi)
    return e


dt = 0.01
for step in range(1500):
    k1 = velocity(pos)
    k2 = velocity(shifted(pos, k1, dt / 2))
    k3 = velocity(shifted(pos, k2, dt / 2))
    k4 = velocity(shifted(pos, k3, dt))
    for a in range(N):
        for c in range(2):
            pos[a][c] += dt / 6 * (k1[a][c] + 2 * k2[a][c] + 2 * k3[a][c] + k4[a][c])
    if step % 10 == 0:
        track.append([tuple(q) for q in pos])
        hamiltonian.append(energy(pos))
print("energy now and then", hamiltonian[0], hamiltonian[-1])
