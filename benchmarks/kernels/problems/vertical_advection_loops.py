"""Implicit vertical advection: one tridiagonal system a column, column by column."""

import numpy as np


def initialise(nx=24, ny=24, nz=60):
    i, j, k = np.ogrid[0:nx, 0:ny, 0:nz]
    q = np.cos(0.1 * i) + np.sin(0.08 * j) + 0.02 * k
    w = 0.3 * np.sin(0.05 * i + 0.1 * k) * np.cos(0.06 * j)
    tendency = 0.01 * np.cos(0.2 * k) * np.ones((nx, ny, 1))
    return q, w, tendency, 0.5


def vertical_advection(q, w, tendency, dt, steps=1):
    nx, ny, nz = q.shape
    upper = np.zeros(nz)
    right = np.zeros(nz)
    for _ in range(steps):
        for i in range(nx):
            for j in range(ny):
                c = 0.25 * dt * w[i, j, 1]
                b = 1.0 - c
                upper[0] = c / b
                right[0] = (q[i, j, 0] + dt * tendency[i, j, 0] - c * (q[i, j, 1] - q[i, j, 0])) / b
                for k in range(1, nz - 1):
                    a = -0.25 * dt * w[i, j, k]
                    c = 0.25 * dt * w[i, j, k + 1]
                    b = 1.0 - a - c
                    change = a * (q[i, j, k - 1] - q[i, j, k]) + c * (q[i, j, k + 1] - q[i, j, k])
                    d = q[i, j, k] + dt * tendency[i, j, k] - change
                    pivot = 1.0 / (b - a * upper[k - 1])
                    upper[k] = c * pivot
                    right[k] = (d - a * right[k - 1]) * pivot
                a = -0.25 * dt * w[i, j, nz - 1]
                b = 1.0 - a
                d = q[i, j, nz - 1] + dt * tendency[i, j, nz - 1] - a * (q[i, j, nz - 2] - q[i, j, nz - 1])
                x = (d - a * right[nz - 2]) / (b - a * upper[nz - 2])
                tendency[i, j, nz - 1] = (x - q[i, j, nz - 1]) / dt
                for k in range(nz - 2, -1, -1):
                    x = right[k] - upper[k] * x
                    tendency[i, j, k] = (x - q[i, j, k]) / dt


if __name__ == "__main__":
    q, w, tendency, dt = initialise()
    vertical_advection(q, w, tendency, dt, steps=60)
    print("tendency", tendency.sum(), abs(tendency).max())
