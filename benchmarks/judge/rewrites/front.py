# Level set: a circle shrinks by its curvature and is carried by a swirl; only the area is shown
import numpy as np


def gradients(phi, h):
    p = np.pad(phi, 1, mode="edge")
    dxm = (p[1:-1, 1:-1] - p[:-2, 1:-1]) / h
    dxp = (p[2:, 1:-1] - p[1:-1, 1:-1]) / h
    dym = (p[1:-1, 1:-1] - p[1:-1, :-2]) / h
    dyp = (p[1:-1, 2:] - p[1:-1, 1:-1]) / h
    return dxm, dxp, dym, dyp


def advance(phi, u, v, h, dt):
    dxm, dxp, dym, dyp = gradients(phi, h)
    adv = np.maximum(u, 0) * dxm + np.minimum(u, 0) * dxp + np.maximum(v, 0) * dym + np.minimum(v, 0) * dyp
    return phi - dt * adv


def reinitialise(phi, h, steps):
    sign = phi / np.sqrt(phi**2 + h**2)
    for _ in range(steps):
        a, b, c, d = gradients(phi, h)
        gp = np.sqrt(
            np.maximum(np.maximum(a, 0) ** 2, np.minimum(b, 0) ** 2)
            + np.maximum(np.maximum(c, 0) ** 2, np.minimum(d, 0) ** 2)
        )
        gm = np.sqrt(
            np.maximum(np.minimum(a, 0) ** 2, np.maximum(b, 0) ** 2)
            + np.maximum(np.minimum(c, 0) ** 2, np.maximum(d, 0) ** 2)
        )
        g = np.where(phi > 0, gp, gm) - 1
        phi = phi - 0.5 * h * sign * g
    return phi


def main():
    n = 64
    h = 1.0 / n
    x, y = np.meshgrid((np.arange(n) + 0.5) * h, (np.arange(n) + 0.5) * h, indexing="ij")
    phi = np.hypot(x - 0.5, y - 0.72) - 0.17
    u = np.sin(np.pi * x) ** 2 * np.sin(2 * np.pi * y)
    v = -np.sin(np.pi * y) ** 2 * np.sin(2 * np.pi * x)
    t, dt = 0.0, 0.4 * h
    step = 0
    while t < 0.5:
        phi = advance(phi, u, v, h, dt)
        if step % 10 == 9:
            phi = reinitialise(phi, h, 5)
        t += dt
        step += 1
    area = h * h * np.sum(0.5 * (1 - np.tanh(phi / h)))
    print(f"t = {t:.4f} area = {area:.8f}")


main()
