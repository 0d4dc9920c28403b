"""Flow through a channel, periodic along x, driven by a force, until it no longer changes."""

import numpy as np


def initialise(ny=61, nx=61, sweeps=50):
    u = np.zeros((ny, nx))
    v = np.zeros((ny, nx))
    p = np.ones((ny, nx))
    dx = 2 / (nx - 1)
    dy = 2 / (ny - 1)
    return sweeps, u, v, p, dx, dy, 0.001, 1.0, 0.1, 1.0, 0.003


def east(w):
    return np.roll(w, -1, axis=1)[1:-1]


def west(w):
    return np.roll(w, 1, axis=1)[1:-1]


def source(rho, dt, u, v, dx, dy):
    b = np.zeros_like(u)
    ux = (east(u) - west(u)) / (2 * dx)
    vx = (east(v) - west(v)) / (2 * dx)
    uy = (u[2:] - u[:-2]) / (2 * dy)
    vy = (v[2:] - v[:-2]) / (2 * dy)
    b[1:-1] = rho * ((ux + vy) / dt - ux**2 - 2 * uy * vx - vy**2)
    return b


def pressure(p, b, dx, dy, sweeps):
    for _ in range(sweeps):
        pn = p.copy()
        p[1:-1] = ((east(pn) + west(pn)) * dy**2 + (pn[2:] + pn[:-2]) * dx**2 - dx**2 * dy**2 * b[1:-1]) / (
            2 * (dx**2 + dy**2)
        )
        p[-1, :] = p[-2, :]
        p[0, :] = p[1, :]
    return p


def momentum(w, un, vn, dt, dx, dy, nu):
    c = w[1:-1]
    return (
        c
        - un[1:-1] * dt / dx * (c - west(w))
        - vn[1:-1] * dt / dy * (c - w[:-2])
        + nu * (dt / dx**2 * (east(w) - 2 * c + west(w)) + dt / dy**2 * (w[2:] - 2 * c + w[:-2]))
    )


def channel_flow(sweeps, u, v, p, dx, dy, dt, rho, nu, force, tolerance):
    change = 1.0
    steps = 0
    while change > tolerance:
        un = u.copy()
        vn = v.copy()
        b = source(rho, dt, u, v, dx, dy)
        p = pressure(p, b, dx, dy, sweeps)
        u[1:-1] = (
            momentum(un, un, vn, dt, dx, dy, nu) - dt / (2 * rho * dx) * (east(p) - west(p)) + force * dt
        )
        v[1:-1] = momentum(vn, un, vn, dt, dx, dy, nu) - dt / (2 * rho * dy) * (p[2:] - p[:-2])
        u[0, :] = 0
        u[-1, :] = 0
        v[0, :] = 0
        v[-1, :] = 0
        change = (np.sum(u) - np.sum(un)) / np.sum(u)
        steps += 1
    return steps, u, v, p


if __name__ == "__main__":
    steps, u, v, p = channel_flow(*initialise(ny=131, nx=131))
    print("steps", steps)
    for name, field in (("u", u), ("v", v), ("p", p)):
        print(name, field.sum(), abs(field).max())
