"""Photons through a slab by Monte Carlo with a seed: tallies, counts, a table on disk."""
import numpy as np

rng = np.random.default_rng(2024)
LAYERS = [(1.0, 0.2, 0.8), (0.5, 1.0, 0.3), (2.0, 0.1, 0.9)]   # scatter, absorb, g
EDGES = np.array([0.0, 0.6, 1.1, 2.0])
absorbed = np.zeros((3, 40))
escaped = {"top": 0.0, "bottom": 0.0}


def scatter(mu, g, r):
    if g == 0:
        return 2 * r - 1
    s = (1 - g * g) / (1 - g + 2 * g * r)
    cos = (1 + g * g - s * s) / (2 * g)
    return cos


def layer_of(z):
    return int(np.searchsorted(EDGES, z, side="right")) - 1


def photon():
    z, mu, w = 0.0, 1.0, 1.0
    for collision in range(500):
        k = min(max(layer_of(z), 0), 2)
        s, a, g = LAYERS[k]
        d = -np.log(1 - rng.random()) / (s + a)
        z += mu * d
        if z < 0:
            escaped["top"] += w
            return
        if z >= EDGES[-1]:
            escaped["bottom"] += w
            return
        k = layer_of(z)
        s, a, g = LAYERS[k]
        lost = w * a / (s + a)
        absorbed[k, int(z / EDGES[-1] * 40)] += lost
        w -= lost
        cos = scatter(mu, g, rng.random())
        sin = np.sqrt(max(0.0, 1 - cos * cos))
        phi = 2 * np.pi * rng.random()
        mu = mu * cos + np.sqrt(max(0.0, 1 - mu * mu)) * sin * np.cos(phi)
        mu = min(1.0, max(-1.0, mu))
        if w < 1e-3:
            if rng.random() < 0.1:
                w *= 10
            else:
                return


COUNT = 4000
for n in range(COUNT):
    photon()
fractions = absorbed.sum(axis=1) / COUNT
profile = absorbed.sum(axis=0) / COUNT
np.savetxt("profile.dat", profile)
print("absorbed", *np.round(fractions, 7))
print("top %.7f bottom %.7f" % (escaped["top"] / COUNT, escaped["bottom"] / COUNT))
