import numpy as np

rng = np.random.default_rng(11)
L, beta, sweeps = 16, 0.42, 12
s = rng.choice([-1, 1], size=(L, L))
magnet = []
for sweep in range(sweeps):
    for k in range(L * L):
        i, j = rng.integers(0, L, 2)
        nb = s[(i + 1) % L, j] + s[i - 1, j] + s[i, (j + 1) % L] + s[i, j - 1]
        dE = 2 * s[i, j] * nb
        if dE <= 0 or rng.random() < np.exp(-beta * dE):
            s[i, j] = -s[i, j]
    magnet.append(s.mean())
print("m =", np.mean(magnet[4:]))
