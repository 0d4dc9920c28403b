"""Lattice Boltzmann, nine velocities: flow past a cylinder in a periodic box, driven by a force."""

import numpy as np

CX = np.array([0, 1, 0, -1, 0, 1, -1, -1, 1])
CY = np.array([0, 0, 1, 0, -1, 1, 1, -1, -1])
WEIGHTS = np.array([4 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 36, 1 / 36, 1 / 36, 1 / 36])
OPPOSITE = np.array([0, 3, 4, 1, 2, 7, 8, 5, 6])


def initialise(ny=100, nx=200, steps=250):
    y, x = np.mgrid[0:ny, 0:nx]
    wall = (x - nx / 4) ** 2 + (y - ny / 2) ** 2 < (ny / 9) ** 2
    f = np.ones((9, ny, nx)) * WEIGHTS[:, np.newaxis, np.newaxis]
    f[1] += 0.02 * (1 + 0.1 * np.sin(2 * np.pi * y / ny))
    return steps, f, wall, 0.6


def lbm_d2q9(steps, f, wall, tau):
    feq = np.zeros_like(f)
    for _ in range(steps):
        for k in range(9):
            f[k] = np.roll(f[k], (CY[k], CX[k]), axis=(0, 1))
        bounced = f[:, wall][OPPOSITE]
        rho = np.sum(f, axis=0)
        ux = (f[1] - f[3] + f[5] - f[6] - f[7] + f[8]) / rho
        uy = (f[2] - f[4] + f[5] + f[6] - f[7] - f[8]) / rho
        ux[wall] = 0
        uy[wall] = 0
        for k in range(9):
            cu = 3 * (CX[k] * ux + CY[k] * uy)
            feq[k] = rho * WEIGHTS[k] * (1 + cu + 0.5 * cu**2 - 1.5 * (ux**2 + uy**2))
        f += -(f - feq) / tau
        f[:, wall] = bounced
    return rho, ux, uy


if __name__ == "__main__":
    steps, f, wall, tau = initialise(steps=5000)
    rho, ux, uy = lbm_d2q9(steps, f, wall, tau)
    print("f", f.sum())
    print("ux", ux.sum(), abs(ux).max(), "uy", uy.sum(), abs(uy).max())
