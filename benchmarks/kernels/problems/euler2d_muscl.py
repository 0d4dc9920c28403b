"""Euler's equations in two dimensions: MUSCL with minmod, Rusanov fluxes, periodic; a shear layer."""

import numpy as np

GAMMA = 1.4


def initialise(n=160, time=0.12):
    y, x = np.mgrid[0:n, 0:n] / n
    inside = np.abs(y - 0.5) < 0.25
    rho = np.where(inside, 2.0, 1.0)
    u = np.where(inside, 0.5, -0.5)
    v = 0.1 * np.sin(4 * np.pi * x) * (np.exp(-200 * (y - 0.25) ** 2) + np.exp(-200 * (y - 0.75) ** 2))
    p = np.full((n, n), 2.5)
    q = np.zeros((4, n, n))
    q[0] = rho
    q[1] = rho * u
    q[2] = rho * v
    q[3] = p / (GAMMA - 1) + 0.5 * rho * (u**2 + v**2)
    return q, 1.0 / n, time


def primitive(q):
    rho = q[0]
    u = q[1] / rho
    v = q[2] / rho
    p = (GAMMA - 1) * (q[3] - 0.5 * rho * (u**2 + v**2))
    return rho, u, v, p


def minmod(a, b):
    return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)


def flux(q, normal):
    rho, u, v, p = primitive(q)
    w = u if normal == 1 else v
    f = w * q
    f[normal] += p
    f[3] += w * p
    return f, np.abs(w) + np.sqrt(GAMMA * p / rho)


def rusanov(q, axis, normal):
    slope = minmod(q - np.roll(q, 1, axis=axis), np.roll(q, -1, axis=axis) - q)
    left = q + 0.5 * slope
    right = np.roll(q - 0.5 * slope, -1, axis=axis)
    f_left, s_left = flux(left, normal)
    f_right, s_right = flux(right, normal)
    return 0.5 * (f_left + f_right) - 0.5 * np.maximum(s_left, s_right) * (right - left)


def euler2d_muscl(q, dx, time):
    t = 0.0
    steps = 0
    while t < time:
        rho, u, v, p = primitive(q)
        c = np.sqrt(GAMMA * p / rho)
        dt = 0.4 * dx / np.max(np.maximum(np.abs(u), np.abs(v)) + c)
        if t + dt > time:
            dt = time - t
        fx = rusanov(q, 2, 1)
        fy = rusanov(q, 1, 2)
        q -= dt / dx * (fx - np.roll(fx, 1, axis=2) + fy - np.roll(fy, 1, axis=1))
        t += dt
        steps += 1
    return steps, t


if __name__ == "__main__":
    q, dx, time = initialise(time=1.5)
    steps, t = euler2d_muscl(q, dx, time)
    print("steps", steps, "t", t)
    for field in q:
        print(field.sum(), abs(field).max())
