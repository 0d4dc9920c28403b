import numpy as np
from scipy.linalg import lu_factor, lu_solve

cfg = {"n": 80, "A": 1.0, "B": 3.0, "D": (0.02, 0.01), "dt": 0.02, "t_end": 4.0}
state = {}


def setup(cfg):
    n = cfg["n"]
    x = np.linspace(0, 1, n)
    state["u"] = cfg["A"] + 0.1 * np.sin(2 * np.pi * x)
    state["v"] = cfg["B"] / cfg["A"] + 0.1 * np.cos(np.pi * x)
    h = x[1] - x[0]
    L = np.diag(-2 * np.ones(n)) + np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
    L[0, 1] = L[-1, -2] = 2
    L /= h * h
    state["lu"] = [lu_factor(np.eye(n) - cfg["dt"] * D * L) for D in cfg["D"]]
    state["t"] = 0.0


def step(cfg):
    u, v = state["u"], state["v"]
    f = cfg["A"] + u * u * v - (cfg["B"] + 1) * u
    g = cfg["B"] * u - u * u * v
    state["u"] = lu_solve(state["lu"][0], u + cfg["dt"] * f)
    state["v"] = lu_solve(state["lu"][1], v + cfg["dt"] * g)
    state["t"] += cfg["dt"]


setup(cfg)
history = []
while state["t"] < cfg["t_end"] - 1e-12:
    step(cfg)
    history.append((state["t"], float(state["u"].mean()), float(state["v"].mean())))
np.savetxt("history.txt", history)
