"""Gray-Scott reaction and diffusion on a torus."""

import numpy as np


def laplacian(z):
    return (
        np.roll(z, 1, axis=0)
        + np.roll(z, -1, axis=0)
        + np.roll(z, 1, axis=1)
        + np.roll(z, -1, axis=1)
        - 4 * z
    )


def initialise(n=256, steps=400):
    u = np.ones((n, n))
    v = np.zeros((n, n))
    r = n // 10
    c = n // 2
    u[c - r : c + r, c - r : c + r] = 0.50
    v[c - r : c + r, c - r : c + r] = 0.25
    x = np.linspace(0, 2 * np.pi, n)
    u += 0.02 * np.sin(7 * x)[:, np.newaxis] * np.cos(5 * x)
    return steps, u, v, 0.16, 0.08, 0.035, 0.065


def gray_scott(steps, u, v, du, dv, feed, kill):
    for _ in range(steps):
        lu = laplacian(u)
        lv = laplacian(v)
        uvv = u * v * v
        u += du * lu - uvv + feed * (1 - u)
        v += dv * lv + uvv - (feed + kill) * v
    return u, v


if __name__ == "__main__":
    u, v = gray_scott(*initialise(steps=15000))
    print("u", u.sum(), u.min(), u.max())
    print("v", v.sum(), v.min(), v.max())
