# Full multigrid for -u'' = f, Python lists only
import math


def smooth(u, f, h, sweeps):
    n = len(u)
    for s in range(sweeps):
        for i in range(1, n - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])


def residual(u, f, h):
    r = [0.0] * len(u)
    for i in range(1, len(u) - 1):
        r[i] = f[i] + (u[i - 1] - 2.0 * u[i] + u[i + 1]) / (h * h)
    return r


def restrict(r):
    m = (len(r) - 1) // 2 + 1
    c = [0.0] * m
    for i in range(1, m - 1):
        c[i] = 0.25 * (r[2 * i - 1] + 2.0 * r[2 * i] + r[2 * i + 1])
    return c


def prolong(c):
    m = len(c)
    u = [0.0] * (2 * m - 1)
    for i in range(m):
        u[2 * i] = c[i]
    for i in range(m - 1):
        u[2 * i + 1] = 0.5 * (c[i] + c[i + 1])
    return u


def vcycle(u, f, h):
    if len(u) == 3:
        u[1] = 0.5 * (u[0] + u[2] + h * h * f[1])
        return u
    smooth(u, f, h, 2)
    coarse = restrict(residual(u, f, h))
    e = vcycle([0.0] * len(coarse), coarse, 2 * h)
    correction = prolong(e)
    for i in range(len(u)):
        u[i] += correction[i]
    smooth(u, f, h, 1)
    return u


n = 129
h = 1.0 / (n - 1)
f = [math.pi**2 * math.sin(math.pi * i * h) + 40.0 * math.exp(-200 * (i * h - 0.3) ** 2) for i in range(n)]
u = [0.0] * n
for cycle in range(4):
    u = vcycle(u, f, h)
    print(cycle, "%.3e" % max(abs(v) for v in residual(u, f, h)))
