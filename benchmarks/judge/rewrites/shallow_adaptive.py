"""Shallow water on a square with a CFL-limited step, a class and its history."""
import numpy as np


class Basin:
    g = 9.81

    def __init__(self, n):
        self.n, self.dx = n, 1.0 / n
        c = (np.arange(n) + 0.5) * self.dx
        X, Y = np.meshgrid(c, c, indexing="ij")
        self.h = 1.0 + 0.3 * np.exp(-60 * ((X - 0.4) ** 2 + (Y - 0.55) ** 2))
        self.hu = np.zeros_like(self.h)
        self.hv = np.zeros_like(self.h)
        self.t = 0.0
        self.log = {"t": [], "dt": [], "mass": []}

    def time_step(self, cfl=0.4):
        c = np.sqrt(self.g * self.h)
        speed = max(np.max(np.abs(self.hu / self.h) + c), np.max(np.abs(self.hv / self.h) + c))
        return cfl * self.dx / speed

    @staticmethod
    def padded(a, sx=1.0, sy=1.0):
        p = np.empty((a.shape[0] + 2, a.shape[1] + 2))
        p[1:-1, 1:-1] = a
        p[0, 1:-1] = sx * a[0]
        p[-1, 1:-1] = sx * a[-1]
        p[:, 0] = sy * p[:, 1]
        p[:, -1] = sy * p[:, -2]
        return p

    def advance(self, dt):
        g = self.g
        h = self.padded(self.h)
        hu = self.padded(self.hu, sx=-1.0)
        hv = self.padded(self.hv, sy=-1.0)
        u, v = hu / h, hv / h
        c = np.sqrt(g * h)
        p = 0.5 * g * h * h

        def face(q, f, a, axis):
            if axis == 0:
                left, right = np.s_[:-1, 1:-1], np.s_[1:, 1:-1]
            else:
                left, right = np.s_[1:-1, :-1], np.s_[1:-1, 1:]
            s = np.maximum(a[left], a[right])
            return 0.5 * (f[left] + f[right]) - 0.5 * s * (q[right] - q[left])

        ax, ay = np.abs(u) + c, np.abs(v) + c
        news = []
        for q, fx, fy in ((h, hu, hv), (hu, hu * u + p, hu * v), (hv, hv * u, hv * v + p)):
            F, G = face(q, fx, ax, 0), face(q, fy, ay, 1)
            news.append(q[1:-1, 1:-1] - dt / self.dx * (F[1:] - F[:-1] + G[:, 1:] - G[:, :-1]))
        self.h, self.hu, self.hv = news

    def run(self, t_end):
        while self.t < t_end:
            dt = min(self.time_step(), t_end - self.t)
            self.advance(dt)
            self.t += dt
            self.log["t"].append(self.t)
            self.log["dt"].append(dt)
            self.log["mass"].append(self.h.sum() * self.dx**2)


basin = Basin(64)
basin.run(0.4)
print("steps", len(basin.log["t"]), "highest", round(basin.h.max(), 9))
