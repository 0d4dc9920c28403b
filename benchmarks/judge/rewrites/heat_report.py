#!/usr/bin/env python
# Implicit heat conduction by the Thomas algorithm; a report in a text file, with a header
from math import exp, pi, sin


def thomas(a, b, c, d):
    n = len(d)
    c = c[:]
    d = d[:]
    c[0] /= b[0]
    d[0] /= b[0]
    for i in range(1, n):
        w = b[i] - a[i] * c[i - 1]
        c[i] /= w
        d[i] = (d[i] - a[i] * d[i - 1]) / w
    for i in range(n - 2, -1, -1):
        d[i] -= c[i] * d[i + 1]
    return d


def run(n, alpha, dt, steps, report):
    dx = 1.0 / (n + 1)
    r = alpha * dt / dx**2
    T = [sin(pi * (i + 1) * dx) for i in range(n)]
    a, b, c = [-r] * n, [1 + 2 * r] * n, [-r] * n
    for k in range(steps):
        left = 0.2 * (1 - exp(-k * dt * 50))
        rhs = T[:]
        rhs[0] += r * left
        T = thomas(a, b, c, rhs)
        if (k + 1) % 20 == 0:
            report.write("step %4d  t=%.3f  mean=%.6f  max=%.6f\n" % (k + 1, (k + 1) * dt, sum(T) / n, max(T)))
    report.write("final profile\n")
    for i in range(0, n, 7):
        report.write("%8.4f %12.7f\n" % ((i + 1) * dx, T[i]))


with open("report.txt", "w") as report:
    run(99, 0.01, 0.01, 100, report)
