"""Flow past a block in a channel, lattice Boltzmann D2Q9 with bounce-back."""

import numpy as np

nx, ny = 30, 16
tau = 0.6
force = 1e-5
cx = np.array([0, 1, 0, -1, 0, 1, -1, -1, 1])
cy = np.array([0, 0, 1, 0, -1, 1, 1, -1, -1])
w = np.array([4 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 36, 1 / 36, 1 / 36, 1 / 36])
opposite = [0, 3, 4, 1, 2, 7, 8, 5, 6]
solid = np.zeros((nx, ny), dtype=bool)
solid[:, 0] = solid[:, -1] = True
solid[8:11, 6:10] = True
F = np.ones((9, nx, ny)) * w[:, None, None]


def equilibrium(rho, ux, uy):
    feq = np.empty((9, nx, ny))
    usq = 1.5 * (ux**2 + uy**2)
    for q in range(9):
        cu = 3 * (cx[q] * ux + cy[q] * uy)
        feq[q] = w[q] * rho * (1 + cu + 0.5 * cu**2 - usq)
    return feq


for it in range(120):
    for q in range(9):
        F[q] = np.roll(np.roll(F[q], cx[q], axis=0), cy[q], axis=1)
    bounced = F[opposite][:, solid]
    rho = F.sum(axis=0)
    ux = (F * cx[:, None, None]).sum(axis=0) / rho + force * tau / rho
    uy = (F * cy[:, None, None]).sum(axis=0) / rho
    F += (equilibrium(rho, ux, uy) - F) / tau
    F[:, solid] = bounced
ux[solid] = 0
uy[solid] = 0
print("mean speed", ux.mean())
