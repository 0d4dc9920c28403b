"""Wind-driven gyre: barotropic vorticity with an Arakawa Jacobian, SOR inside, saved as npz."""
import numpy as np


class Gyre:
    def __init__(self, n=25, beta=20.0, friction=1.0, wind=6.0):
        self.n = n
        self.h = 1.0 / (n - 1)
        self.beta, self.friction, self.wind = beta, friction, wind
        y = np.linspace(0, 1, n)
        self.curl = -wind * np.sin(np.pi * y)[:, None] * np.ones((1, n))
        self.q = np.zeros((n, n))
        self.psi = np.zeros((n, n))
        self.sweeps = []

    def invert(self, tol=1e-7):
        n, h, psi, q = self.n, self.h, self.psi, self.q
        omega = 1.75
        for sweep in range(2000):
            worst = 0.0
            for j in range(1, n - 1):
                for i in range(1, n - 1):
                    r = (psi[j, i - 1] + psi[j, i + 1] + psi[j - 1, i] + psi[j + 1, i]
                         - 4 * psi[j, i] - h * h * q[j, i])
                    psi[j, i] += 0.25 * omega * r
                    worst = max(worst, abs(r))
            if worst < tol:
                break
        self.sweeps.append(sweep + 1)

    def jacobian(self):
        p, q = self.psi, self.q
        jpp = ((p[1:-1, 2:] - p[1:-1, :-2]) * (q[2:, 1:-1] - q[:-2, 1:-1])
               - (p[2:, 1:-1] - p[:-2, 1:-1]) * (q[1:-1, 2:] - q[1:-1, :-2]))
        jpx = (p[1:-1, 2:] * (q[2:, 2:] - q[:-2, 2:]) - p[1:-1, :-2] * (q[2:, :-2] - q[:-2, :-2])
               - p[2:, 1:-1] * (q[2:, 2:] - q[2:, :-2]) + p[:-2, 1:-1] * (q[:-2, 2:] - q[:-2, :-2]))
        return (jpp + jpx) / (8 * self.h * self.h)

    def step(self, dt):
        q, psi, h = self.q, self.psi, self.h
        v = (psi[1:-1, 2:] - psi[1:-1, :-2]) / (2 * h)
        lap = (q[1:-1, 2:] + q[1:-1, :-2] + q[2:, 1:-1] + q[:-2, 1:-1] - 4 * q[1:-1, 1:-1]) / h**2
        q[1:-1, 1:-1] += dt * (-self.jacobian() - self.beta * v + self.curl[1:-1, 1:-1]
                               - self.friction * q[1:-1, 1:-1] + 0.02 * lap)
        self.invert()


gyre = Gyre()
energy = []
for k in range(60):
    gyre.step(0.004)
    energy.append(float(np.sum(gyre.psi * gyre.q)))
np.savez("gyre.npz", psi=gyre.psi, q=gyre.q)
print(f"transport {abs(gyre.psi).max():.8f}")
