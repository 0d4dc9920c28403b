"""Shallow water after a dam breaks, Rusanov's fluxes, walls all around, state in a dict."""

import numpy as np

G = 9.81
state = {"h": None, "hu": None, "hv": None, "t": 0.0}
n = 30
dx = 1.0 / n
h = np.ones((n, n))
h[:10, :12] = 2.0
state["h"], state["hu"], state["hv"] = h, np.zeros((n, n)), np.zeros((n, n))


def walls(a, normal):
    b = np.pad(a, 1, mode="edge")
    if normal == 0:
        b[0, :] *= -1
        b[-1, :] *= -1
    elif normal == 1:
        b[:, 0] *= -1
        b[:, -1] *= -1
    return b


def flux(h, hn, ht):
    u = hn / h
    return hn, hn * u + 0.5 * G * h**2, ht * u


def rusanov(left, right):
    fl, fr = flux(*left), flux(*right)
    s = np.maximum(
        np.abs(left[1] / left[0]) + np.sqrt(G * left[0]), np.abs(right[1] / right[0]) + np.sqrt(G * right[0])
    )
    return [0.5 * (a + b) - 0.5 * s * (r - l) for a, b, l, r in zip(fl, fr, left, right)]


masses = []
while state["t"] < 0.1:
    h, hu, hv = state["h"], state["hu"], state["hv"]
    speed = np.max(np.sqrt(G * h) + np.maximum(np.abs(hu / h), np.abs(hv / h)))
    dt = min(0.2 * dx / speed, 0.1 - state["t"])
    H, U, V = walls(h, None), walls(hu, 0), walls(hv, 1)
    x = [a[:, 1:-1] for a in (H, U, V)]
    fh, fu, fv = rusanov([a[:-1] for a in x], [a[1:] for a in x])
    y = [a[1:-1, :] for a in (H, V, U)]
    gh, gv, gu = rusanov([a[:, :-1] for a in y], [a[:, 1:] for a in y])
    c = dt / dx
    state["h"] = h - c * (fh[1:] - fh[:-1]) - c * (gh[:, 1:] - gh[:, :-1])
    state["hu"] = hu - c * (fu[1:] - fu[:-1]) - c * (gu[:, 1:] - gu[:, :-1])
    state["hv"] = hv - c * (fv[1:] - fv[:-1]) - c * (gv[:, 1:] - gv[:, :-1])
    state["t"] += dt
    masses.append(state["h"].sum() * dx**2)
print("mass", masses[-1], "deepest", state["h"].max())
