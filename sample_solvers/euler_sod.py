"""Sod's shock tube: the Euler equations by finite volumes, one call of a flux function for each face.

    U_t + F(U)_x = 0,   U = (rho, rho u, E),   gamma = 1.4

Exact: the solution of the Riemann problem, by bisection on the pressure between the waves. HLL flux, first
order; the time step follows the fastest wave.
"""

import argparse
from math import sqrt

import numpy as np

GAMMA = 1.4


def primitive(rho, m, e):
    u = m / rho
    return u, (GAMMA - 1.0) * (e - 0.5 * rho * u * u)


def hll(rl, ml, el, rr, mr, er):
    ul, pl = primitive(rl, ml, el)
    ur, pr = primitive(rr, mr, er)
    cl = sqrt(GAMMA * pl / rl)
    cr = sqrt(GAMMA * pr / rr)
    sl = min(ul - cl, ur - cr)
    sr = max(ul + cl, ur + cr)
    fl = (ml, ml * ul + pl, ul * (el + pl))
    fr = (mr, mr * ur + pr, ur * (er + pr))
    if sl >= 0.0:
        return fl
    if sr <= 0.0:
        return fr
    w = sr - sl
    return (
        (sr * fl[0] - sl * fr[0] + sl * sr * (rr - rl)) / w,
        (sr * fl[1] - sl * fr[1] + sl * sr * (mr - ml)) / w,
        (sr * fl[2] - sl * fr[2] + sl * sr * (er - el)) / w,
    )


def time_step(U, dx, cfl=0.8):
    fastest = 0.0
    for i in range(U.shape[1]):
        u, p = primitive(U[0, i], U[1, i], U[2, i])
        fastest = max(fastest, abs(u) + sqrt(GAMMA * p / U[0, i]))
    return cfl * dx / fastest


def advance(U, dt, dx):
    n = U.shape[1]
    F = np.zeros((3, n + 1))
    for i in range(n + 1):
        left = max(i - 1, 0)
        right = min(i, n - 1)
        F[0, i], F[1, i], F[2, i] = hll(U[0, left], U[1, left], U[2, left], U[0, right], U[1, right], U[2, right])
    for k in range(3):
        for i in range(n):
            U[k, i] -= dt / dx * (F[k, i + 1] - F[k, i])


def wave_curve(p, p0, r0):
    """Change of velocity across the wave that takes pressure p0 to p."""
    c0 = sqrt(GAMMA * p0 / r0)
    if p > p0:
        return (p - p0) * sqrt(2.0 / ((GAMMA + 1) * r0) / (p + (GAMMA - 1) / (GAMMA + 1) * p0))
    return 2 * c0 / (GAMMA - 1) * ((p / p0) ** ((GAMMA - 1) / (2 * GAMMA)) - 1)


def exact_density(x, t):
    low, high = 0.1, 1.0
    for _ in range(60):
        p = 0.5 * (low + high)
        if wave_curve(p, 1.0, 1.0) + wave_curve(p, 0.1, 0.125) > 0:
            high = p
        else:
            low = p
    u = wave_curve(p, 0.1, 0.125)
    c = sqrt(GAMMA)
    inner = p ** (1 / GAMMA)
    ratio = p / 0.1
    k = (GAMMA - 1) / (GAMMA + 1)
    shocked = 0.125 * (ratio + k) / (k * ratio + 1)
    shock = sqrt(GAMMA * 0.1 / 0.125) * sqrt((GAMMA + 1) / (2 * GAMMA) * ratio + (GAMMA - 1) / (2 * GAMMA))
    rho = np.zeros(len(x))
    for i in range(len(x)):
        s = (x[i] - 0.5) / t
        if s < -c:
            rho[i] = 1.0
        elif s < u - sqrt(GAMMA * p / inner):
            rho[i] = (2 / (GAMMA + 1) - k * s / c) ** (2 / (GAMMA - 1))
        elif s < u:
            rho[i] = inner
        elif s < shock:
            rho[i] = shocked
        else:
            rho[i] = 0.125
    return rho


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1250, help="cells")
    n = parser.parse_args().n
    t_end = 0.2
    dx = 1.0 / n
    x = (np.arange(n) + 0.5) * dx
    U = np.zeros((3, n))
    for i in range(n):
        U[0, i] = 1.0 if x[i] < 0.5 else 0.125
        U[2, i] = (1.0 if x[i] < 0.5 else 0.1) / (GAMMA - 1.0)
    t = 0.0
    steps = 0
    while t < t_end:
        dt = min(time_step(U, dx), t_end - t)
        advance(U, dt, dx)
        t += dt
        steps += 1
        if steps % 100 == 0:
            print(f"step {steps:4d}  t = {t:.5f}")
    error = np.mean(np.abs(U[0] - exact_density(x, t_end)))
    print(f"mass {np.sum(U[0]) * dx:.12f}  energy {np.sum(U[2]) * dx:.12f}")
    print(f"L1 error of the density {error:.6e}")


if __name__ == "__main__":
    main()
