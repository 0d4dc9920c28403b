import numpy as np

# Lennard-Jones particles in a periodic box
rng = np.random.default_rng(7)
n_side = 4
N = n_side**2
L = 5.2
dt = 0.004
grid = (np.arange(n_side) + 0.5) * L / n_side
pos = np.array([[x, y] for x in grid for y in grid])
vel = rng.normal(0.0, 0.8, (N, 2))
vel -= vel.mean(axis=0)


def forces(pos):
    f = np.zeros_like(pos)
    pot = 0.0
    for i in range(N):
        for j in range(i + 1, N):
            d = pos[i] - pos[j]
            d -= L * np.round(d / L)
            r2 = d @ d
            if r2 < 6.25:
                inv6 = 1.0 / r2**3
                pot += 4.0 * inv6 * (inv6 - 1.0)
                fij = 24.0 * inv6 * (2.0 * inv6 - 1.0) / r2 * d
                f[i] += fij
                f[j] -= fij
    return f, pot


f, pot = forces(pos)
energies = []
for step in range(120):
    vel += 0.5 * dt * f
    pos += dt * vel
    pos %= L
    f, pot = forces(pos)
    vel += 0.5 * dt * f
    kin = 0.5 * np.sum(vel**2)
    energies.append(kin + pot)

print("energy drift", energies[-1] - energies[0])
print("temperature %.5f" % (kin / N))
