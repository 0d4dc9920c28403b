"""Falkner-Skan by shooting: RK4 and secant."""
import json


def rhs(y, m):
    f, g, h = y
    return (g, h, -0.5 * (m + 1) * f * h - m * (1 - g * g))


def integrate(h0, m, n=400, eta=8.0):
    step = eta / n
    y = (0.0, 0.0, h0)
    for _ in range(n):
        k1 = rhs(y, m)
        k2 = rhs(tuple(a + step / 2 * b for a, b in zip(y, k1)), m)
        k3 = rhs(tuple(a + step / 2 * b for a, b in zip(y, k2)), m)
        k4 = rhs(tuple(a + step * b for a, b in zip(y, k3)), m)
        y = tuple(a + step / 6 * (p + 2 * q + 2 * r + s) for a, p, q, r, s in zip(y, k1, k2, k3, k4))
    return y[1] - 1.0


def secant(m, a, b, tol=1e-10):
    fa, fb = integrate(a, m), integrate(b, m)
    count = 0
    while abs(fb) > tol and count < 50:
        a, b, fa = b, b - fb * (b - a) / (fb - fa), fb
        fb = integrate(b, m)
        count += 1
    return b, count


result = {}
for m in (0.0, 0.1, 1 / 3):
    wall, count = secant(m, 0.3, 0.5)
    result[f"{m:.3f}"] = {"shear": wall, "iterations": count}
with open("shear.json", "w") as out:
    json.dump(result, out, indent=2)
