"""Fourth-order horizontal diffusion with limited fluxes, level by level."""

import numpy as np


def initialise(nx=192, ny=192, nz=80):
    i, j, k = np.ogrid[0 : nx + 4, 0 : ny + 4, 0:nz]
    q = np.sin(0.11 * i) * np.cos(0.07 * j) + 0.01 * ((i * j + k) % 7)
    coefficient = 0.02 + 0.01 * np.cos(0.05 * i[2:-2]) * np.sin(0.05 * j[:, 2:-2]) + 0.0001 * k
    return q, np.zeros((nx, ny, nz)), coefficient


def horizontal_diffusion(q, out, coefficient, steps=1):
    for _ in range(steps):
        lap = 4.0 * q[1:-1, 1:-1, :] - (q[2:, 1:-1, :] + q[:-2, 1:-1, :] + q[1:-1, 2:, :] + q[1:-1, :-2, :])

        fx = lap[1:, 1:-1, :] - lap[:-1, 1:-1, :]
        fx = np.where(fx * (q[2:-1, 2:-2, :] - q[1:-2, 2:-2, :]) > 0, 0, fx)

        fy = lap[1:-1, 1:, :] - lap[1:-1, :-1, :]
        fy = np.where(fy * (q[2:-2, 2:-1, :] - q[2:-2, 1:-2, :]) > 0, 0, fy)

        out[:, :, :] = q[2:-2, 2:-2, :] - coefficient * (
            fx[1:, :, :] - fx[:-1, :, :] + fy[:, 1:, :] - fy[:, :-1, :]
        )


if __name__ == "__main__":
    q, out, coefficient = initialise()
    horizontal_diffusion(q, out, coefficient, steps=40)
    print("out", out.sum(), abs(out).max())
