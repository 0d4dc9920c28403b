"""Implicit vertical advection: one tridiagonal system a column, all columns at once."""

import numpy as np


def initialise(nx=256, ny=192, nz=80):
    i, j, k = np.ogrid[0:nx, 0:ny, 0:nz]
    q = np.cos(0.1 * i) + np.sin(0.08 * j) + 0.02 * k
    w = 0.3 * np.sin(0.05 * i + 0.1 * k) * np.cos(0.06 * j)
    tendency = 0.01 * np.cos(0.2 * k) * np.ones((nx, ny, 1))
    return q, w, tendency, 0.5


def vertical_advection(q, w, tendency, dt, steps=1):
    nz = q.shape[2]
    upper = np.zeros_like(q)
    right = np.zeros_like(q)
    for _ in range(steps):
        c = 0.25 * dt * w[:, :, 1]
        b = 1.0 - c
        upper[:, :, 0] = c / b
        right[:, :, 0] = (q[:, :, 0] + dt * tendency[:, :, 0] - c * (q[:, :, 1] - q[:, :, 0])) / b

        for k in range(1, nz - 1):
            a = -0.25 * dt * w[:, :, k]
            c = 0.25 * dt * w[:, :, k + 1]
            b = 1.0 - a - c
            change = a * (q[:, :, k - 1] - q[:, :, k]) + c * (q[:, :, k + 1] - q[:, :, k])
            d = q[:, :, k] + dt * tendency[:, :, k] - change
            pivot = 1.0 / (b - a * upper[:, :, k - 1])
            upper[:, :, k] = c * pivot
            right[:, :, k] = (d - a * right[:, :, k - 1]) * pivot

        a = -0.25 * dt * w[:, :, -1]
        b = 1.0 - a
        d = q[:, :, -1] + dt * tendency[:, :, -1] - a * (q[:, :, -2] - q[:, :, -1])
        x = (d - a * right[:, :, -2]) / (b - a * upper[:, :, -2])
        tendency[:, :, -1] = (x - q[:, :, -1]) / dt

        for k in range(nz - 2, -1, -1):
            x = right[:, :, k] - upper[:, :, k] * x
            tendency[:, :, k] = (x - q[:, :, k]) / dt


if __name__ == "__main__":
    q, w, tendency, dt = initialise()
    vertical_advection(q, w, tendency, dt, steps=20)
    print("tendency", tendency.sum(), abs(tendency).max())
