"""Shallow water on a staggered grid, closed basin: the flow first, then the height with the new flow."""

import numpy as np


def initialise(ny=300, nx=300, steps=150):
    y, x = np.ogrid[0 : 1 : ny * 1j, 0 : 1 : nx * 1j]
    h = 10.0 + np.exp(-200.0 * ((x - 0.3) ** 2 + (y - 0.4) ** 2))
    u = np.zeros((ny, nx + 1))
    v = np.zeros((ny + 1, nx))
    return steps, h, u, v, 0.02, 9.81, 0.5, 0.001


def shallow_water(steps, h, u, v, dt, g, coriolis, drag):
    dx = 1.0
    dy = 1.0
    crests = np.zeros(steps)
    for n in range(steps):
        v_here = 0.25 * (v[:-1, :-1] + v[1:, :-1] + v[:-1, 1:] + v[1:, 1:])
        slope = (h[:, 1:] - h[:, :-1]) / dx
        u[:, 1:-1] += dt * (coriolis * v_here - g * slope - drag * u[:, 1:-1])

        u_here = 0.25 * (u[:-1, :-1] + u[1:, :-1] + u[:-1, 1:] + u[1:, 1:])
        slope = (h[1:, :] - h[:-1, :]) / dy
        v[1:-1, :] += dt * (-coriolis * u_here - g * slope - drag * v[1:-1, :])

        flux_x = np.zeros_like(u)
        flux_y = np.zeros_like(v)
        flux_x[:, 1:-1] = u[:, 1:-1] * np.where(u[:, 1:-1] > 0, h[:, :-1], h[:, 1:])
        flux_y[1:-1, :] = v[1:-1, :] * np.where(v[1:-1, :] > 0, h[:-1, :], h[1:, :])
        h -= dt * ((flux_x[:, 1:] - flux_x[:, :-1]) / dx + (flux_y[1:, :] - flux_y[:-1, :]) / dy)
        crests[n] = h.max()
    return crests


if __name__ == "__main__":
    steps, h, u, v, *constants = initialise(steps=4000)
    crests = shallow_water(steps, h, u, v, *constants)
    print("h", h.sum(), h.min(), h.max())
    print("crest", crests[0], crests[-1])
