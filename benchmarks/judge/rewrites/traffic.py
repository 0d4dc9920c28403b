"""Traffic flow on a ring road by Godunov's scheme; parameters in a dict, a red light for a while."""

import numpy as np

road = {"n": 150, "vmax": 1.0, "rho_max": 1.0, "cfl": 0.8, "light": 40, "green": 0.35}


def flow(rho):
    return road["vmax"] * rho * (1.0 - rho / road["rho_max"])


def demand(rho):
    return flow(rho) if rho < 0.5 * road["rho_max"] else flow(0.5 * road["rho_max"])


def supply(rho):
    return flow(rho) if rho > 0.5 * road["rho_max"] else flow(0.5 * road["rho_max"])


def step(rho, t):
    n = road["n"]
    dx = 1.0 / n
    dt = road["cfl"] * dx / road["vmax"]
    flux = np.zeros(n)
    for i in range(n):
        flux[i] = min(demand(rho[i]), supply(rho[(i + 1) % n]))
    if t < road["green"]:
        flux[road["light"]] = 0.0
    new = rho.copy()
    for i in range(n):
        new[i] -= dt / dx * (flux[i] - flux[i - 1])
    return new, t + dt


x = (np.arange(road["n"]) + 0.5) / road["n"]
rho, t = 0.4 + 0.2 * np.exp(-(((x - 0.6) / 0.1) ** 2)), 0.0
queue = []
while t < 0.9:
    rho, t = step(rho, t)
    queue.append(int(np.sum(rho > 0.95)))
print("cars", rho.sum() / road["n"], "longest queue", max(queue), "at", t)
