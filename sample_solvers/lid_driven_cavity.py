"""Lid-driven cavity in vorticity and stream function, marched to a steady state; a class with self.

    w_t + u w_x + v w_y = nu (w_xx + w_yy) + F,   psi_xx + psi_yy = -w,   u = psi_y,   v = -psi_x

Manufactured (after Shih, Tan and Hwang, 1989): psi = f(x) g(y) with f = x^4 - 2x^3 + x^2 and
g = 8 (y^4 - y^2), so the lid moves at u = 16 f(x) and F is known. Central differences, Thom's wall
vorticity.
"""

import argparse

import numpy as np


class Cavity:
    def __init__(self, n, nu=0.1):
        self.n = n
        self.nu = nu
        self.h = 1.0 / n
        self.dt = 0.2 * self.h**2 / nu
        self.psi = np.zeros((n + 1, n + 1))
        self.w = np.zeros((n + 1, n + 1))
        self.lid = np.zeros(n + 1)
        self.force = np.zeros((n + 1, n + 1))
        self.residuals = []
        for i in range(n + 1):
            x = i * self.h
            f, f1, f2, f3, f4 = x**4 - 2 * x**3 + x**2, 4 * x**3 - 6 * x**2 + 2 * x, 12 * x**2 - 12 * x + 2, 24 * x - 12, 24
            self.lid[i] = 16 * f
            for j in range(n + 1):
                y = j * self.h
                g, g1, g2, g3, g4 = 8 * (y**4 - y**2), 8 * (4 * y**3 - 2 * y), 8 * (12 * y**2 - 2), 8 * 24 * y, 8 * 24
                wx = -(f3 * g + f1 * g2)
                wy = -(f2 * g1 + f * g3)
                self.force[i, j] = f * g1 * wx - f1 * g * wy + nu * (f4 * g + 2 * f2 * g2 + f * g4)

    def stream_function(self, sweeps):
        h2 = self.h**2
        for it in range(sweeps):
            for i in range(1, self.n):
                for j in range(1, self.n):
                    self.psi[i, j] = 0.25 * (
                        self.psi[i + 1, j] + self.psi[i - 1, j] + self.psi[i, j + 1] + self.psi[i, j - 1] + h2 * self.w[i, j]
                    )

    def wall_vorticity(self):
        n, h = self.n, self.h
        for i in range(n + 1):
            self.w[i, 0] = -2 * self.psi[i, 1] / h**2
            self.w[i, n] = -2 * self.psi[i, n - 1] / h**2 - 2 * self.lid[i] / h
            self.w[0, i] = -2 * self.psi[1, i] / h**2
            self.w[n, i] = -2 * self.psi[n - 1, i] / h**2

    def step(self):
        h, nu, dt = self.h, self.nu, self.dt
        old = self.w.copy()
        change = 0.0
        for i in range(1, self.n):
            for j in range(1, self.n):
                u = (self.psi[i, j + 1] - self.psi[i, j - 1]) / (2 * h)
                v = -(self.psi[i + 1, j] - self.psi[i - 1, j]) / (2 * h)
                rate = (
                    self.force[i, j]
                    - u * (old[i + 1, j] - old[i - 1, j]) / (2 * h)
                    - v * (old[i, j + 1] - old[i, j - 1]) / (2 * h)
                    + nu * (old[i + 1, j] + old[i - 1, j] + old[i, j + 1] + old[i, j - 1] - 4 * old[i, j]) / h**2
                )
                self.w[i, j] = old[i, j] + dt * rate
                change = max(change, abs(rate))
        return change

    def run(self, tol=1e-5, sweeps=6):
        change = 1.0
        while change > tol:
            self.stream_function(sweeps)
            self.wall_vorticity()
            change = self.step()
            self.residuals.append(change)
            if len(self.residuals) % 200 == 0:
                print(f"step {len(self.residuals):5d}  rate of change {change:.3e}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=26, help="cells along each side")
    cavity = Cavity(parser.parse_args().n)
    cavity.run()
    x = np.linspace(0.0, 1.0, cavity.n + 1)
    exact = np.outer(x**4 - 2 * x**3 + x**2, 8 * (x**4 - x**2))
    error = np.sqrt(np.mean((cavity.psi - exact) ** 2))
    print(f"{len(cavity.residuals)} steps, strongest vortex {cavity.psi.min():.8f}")
    print(f"L2 error of the stream function {error:.6e}")
