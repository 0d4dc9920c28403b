"""A Fokker-Planck equation by Chang and Cooper's scheme, Thomas' recurrences on lists."""

import math

n, span, dt, steps, noise = 120, 4.0, 0.01, 150, 0.25
h = 2 * span / n
edges = [-span + k * h for k in range(n + 1)]
centres = [-span + (k + 0.5) * h for k in range(n)]


def drift(x):
    return x**3 - x


def weight(z):
    if abs(z) < 1e-8:
        return 0.5
    return 1 / z - 1 / math.expm1(z)


def thomas(low, mid, up, right):
    m = len(mid)
    c, d = up[:], right[:]
    c[0] /= mid[0]
    d[0] /= mid[0]
    for k in range(1, m):
        pivot = mid[k] - low[k] * c[k - 1]
        c[k] = up[k] / pivot
        d[k] = (right[k] - low[k] * d[k - 1]) / pivot
    for k in range(m - 2, -1, -1):
        d[k] -= c[k] * d[k + 1]
    return d


p = [math.exp(-((x - 1.5) ** 2) / 0.1) for x in centres]
total = sum(p) * h
p = [value / total for value in p]
low, mid, up = [0.0] * n, [1.0] * n, [0.0] * n
for k in range(1, n):
    b = drift(edges[k])
    delta = weight(b * h / noise)
    # flux = b (delta p[k] + (1 - delta) p[k-1]) + noise (p[k] - p[k-1]) / h
    right, left = b * (1 - delta) + noise / h, b * delta - noise / h
    mid[k - 1] -= dt / h * left
    up[k - 1] -= dt / h * right
    mid[k] += dt / h * right
    low[k] += dt / h * left
moments = []
for step in range(steps):
    p = thomas(low, mid, up, p)
    if step % 15 == 0:
        moments.append(sum(x * v for x, v in zip(centres, p)) * h)
print("mass", sum(p) * h, "mean", moments[-1], "peak", max(p))
