# Method of lines with callbacks: a general integrator, a right side, a monitor.
import numpy as np


def integrate(rhs, y0, t0, t1, n, monitor=None, scheme="rk4"):
    h = (t1 - t0) / n
    y, t = np.array(y0, dtype=float), t0
    for i in range(n):
        if scheme == "rk4":
            k1 = rhs(t, y)
            k2 = rhs(t + h / 2, y + h / 2 * k1)
            k3 = rhs(t + h / 2, y + h / 2 * k2)
            k4 = rhs(t + h, y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        else:
            y = y + h * rhs(t, y)
        t = t0 + (i + 1) * h
        if monitor is not None:
            monitor(i, t, y)
    return y


def make_problem(n, feed, kill, du, dv):
    dx = 1.0 / n

    def laplacian(a):
        out = np.empty_like(a)
        for i in range(n):
            left = a[i - 1] if i > 0 else a[n - 1]
            right = a[i + 1] if i < n - 1 else a[0]
            out[i] = (left - 2 * a[i] + right) / dx**2
        return out

    def rhs(t, y):
        u, v = y[:n], y[n:]
        uvv = u * v * v
        forcing = 0.02 * np.sin(2 * np.pi * t)
        return np.concatenate([
            du * laplacian(u) - uvv + feed * (1 - u) + forcing,
            dv * laplacian(v) + uvv - (feed + kill) * v,
        ])

    x = np.arange(n) * dx
    bump = np.exp(-200 * (x - 0.93) ** 2)
    return rhs, np.concatenate([1 - 0.5 * bump, 0.25 * bump]), x


rows = []


def watch(i, t, y):
    if i % 20 == 0:
        half = len(y) // 2
        rows.append((t, y[:half].mean(), y[half:].max()))


rhs, y0, x = make_problem(60, 0.037, 0.06, 2e-5, 1e-5)
y = integrate(rhs, y0, 0.0, 40.0, 800, watch)
print("\n".join("%8.3f %12.9f %12.9f" % row for row in rows[-3:]))
np.save("final.npy", y)
