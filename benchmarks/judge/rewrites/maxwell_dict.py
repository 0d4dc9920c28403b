# TM waves on a Yee grid; all fields in a dict; damping layers; probes appended.
import numpy as np

par = {"nx": 70, "ny": 60, "steps": 150, "courant": 0.6, "layer": 10}
f = {name: np.zeros((par["nx"], par["ny"])) for name in ("ez", "hx", "hy")}
sigma = np.zeros((par["nx"], par["ny"]))
for k in range(par["layer"]):
    s = 0.3 * ((par["layer"] - k) / par["layer"]) ** 2
    sigma[k, :] = np.maximum(sigma[k, :], s)
    sigma[-1 - k, :] = np.maximum(sigma[-1 - k, :], s)
    sigma[:, k] = np.maximum(sigma[:, k], s)
    sigma[:, -1 - k] = np.maximum(sigma[:, -1 - k], s)
eps = np.ones_like(sigma)
eps[40:55, 20:35] = 3.0
f["ca"] = (1 - sigma / 2) / (1 + sigma / 2)
f["cb"] = par["courant"] / eps / (1 + sigma / 2)
probe = []


def update_h(f, c):
    f["hx"][:, :-1] -= c * (f["ez"][:, 1:] - f["ez"][:, :-1])
    f["hy"][:-1, :] += c * (f["ez"][1:, :] - f["ez"][:-1, :])


def update_e(f):
    curl = np.zeros_like(f["ez"])
    curl[1:, 1:] = (f["hy"][1:, 1:] - f["hy"][:-1, 1:]) - (f["hx"][1:, 1:] - f["hx"][1:, :-1])
    f["ez"][:] = f["ca"] * f["ez"] + f["cb"] * curl


for n in range(par["steps"]):
    update_h(f, par["courant"])
    update_e(f)
    f["ez"][20, 30] += np.exp(-((n - 30) / 10.0) ** 2)
    probe.append(f["ez"][50, 28])
power = sum(p * p for p in probe)
print("power at the probe: %.10e" % power)
