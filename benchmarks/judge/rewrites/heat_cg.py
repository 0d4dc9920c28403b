"""Implicit heat flow in a plate with holes: conjugate gradients by hand in every step."""
import sys
import numpy as np


def laplace(u, k, mask, h):
    out = np.zeros_like(u)
    for (a, b) in ((0, 1), (0, -1), (1, 1), (1, -1)):
        nb = np.roll(u, b, axis=a)
        kb = np.roll(k, b, axis=a)
        flux = 2 * k * kb / (k + kb) * (nb - u)
        out += np.where(mask & np.roll(mask, b, axis=a), flux, 0.0)
    return out / h**2


def solve(apply, b, x0, tol):
    x = x0.copy()
    r = b - apply(x)
    p = r.copy()
    rr = np.vdot(r, r)
    stop = tol**2 * np.vdot(b, b)
    count = 0
    while rr > stop and count < 1000:
        q = apply(p)
        alpha = rr / np.vdot(p, q)
        x += alpha * p
        r -= alpha * q
        new = np.vdot(r, r)
        p = r + new / rr * p
        rr = new
        count += 1
    return x, count


def main(n=40, steps=12, dt=2e-3):
    h = 1.0 / n
    i, j = np.indices((n, n))
    mask = np.ones((n, n), bool)
    mask[(i - 12) ** 2 + (j - 12) ** 2 < 30] = False
    mask[25:30, 18:34] = False
    k = np.where(j > n // 2, 3.0, 1.0) * (1 + 0.1 * np.sin(i))
    u = np.where(mask, np.exp(-((i - 30) ** 2 + (j - 10) ** 2) / 40.0), 0.0)
    source = np.zeros((n, n))
    source[5:8, 30:35] = 4.0
    iterations = []

    def apply(v):
        return v - dt * laplace(v, k, mask, h)

    for step in range(steps):
        rhs = np.where(mask, u + dt * source, 0.0)
        u, count = solve(apply, rhs, u, 1e-6)
        iterations.append(count)
    np.savetxt("u.txt", u)
    heat = (u * h * h).sum()
    print("heat", f"{heat:.6f}", "hottest", f"{u.max():.6f}")
    return u, iterations


if __name__ == "__main__":
    u, iterations = main()
    if not np.isfinite(u).all():
        sys.exit(1)
