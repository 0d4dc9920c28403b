"""Incompressible Navier-Stokes by projection on a staggered periodic grid: the pressure matrix never changes.

Exact: the Taylor-Green vortex, which decays as exp(-2 nu t).
"""

import argparse

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve


class Projection:
    """Velocities on the faces, pressure in the middle of the cells."""

    def __init__(self, n, nu=0.1):
        self.n, self.nu = n, nu
        self.h = 2 * np.pi / n
        self.dt = 0.2 * self.h**2
        self.t = 0.0
        edge = np.arange(n) * self.h
        middle = edge + self.h / 2
        self.xu, self.yu = np.meshgrid(edge, middle, indexing="ij")
        self.xv, self.yv = np.meshgrid(middle, edge, indexing="ij")
        self.u = np.sin(self.xu) * np.cos(self.yu)
        self.v = -np.cos(self.xv) * np.sin(self.yv)
        self.pressure_matrix()

    def pressure_matrix(self):
        n = self.n
        ring = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n)).tolil()
        ring[0, n - 1] = ring[n - 1, 0] = 1.0
        A = (sp.kron(ring, sp.identity(n)) + sp.kron(sp.identity(n), ring)).tolil() / self.h**2
        A = A.tolil()
        A[0, :] = 0
        A[0, 0] = 1.0
        self.A = A.tocsr()

    def laplacian(self, f):
        return (
            np.roll(f, 1, 0) + np.roll(f, -1, 0) + np.roll(f, 1, 1) + np.roll(f, -1, 1) - 4 * f
        ) / self.h**2

    def advection(self):
        u, v, h = self.u, self.v, self.h
        uc = 0.5 * (u + np.roll(u, -1, 0))
        vc = 0.5 * (v + np.roll(v, -1, 1))
        corner = 0.25 * (u + np.roll(u, 1, 1)) * (v + np.roll(v, 1, 0))
        du = (uc**2 - np.roll(uc**2, 1, 0)) / h + (np.roll(corner, -1, 1) - corner) / h
        dv = (vc**2 - np.roll(vc**2, 1, 1)) / h + (np.roll(corner, -1, 0) - corner) / h
        return du, dv

    def step(self):
        h, dt = self.h, self.dt
        du, dv = self.advection()
        u = self.u + dt * (self.nu * self.laplacian(self.u) - du)
        v = self.v + dt * (self.nu * self.laplacian(self.v) - dv)
        divergence = (np.roll(u, -1, 0) - u + np.roll(v, -1, 1) - v) / h
        b = divergence.ravel() / dt
        b[0] = 0.0
        p = spsolve(self.A, b).reshape(self.n, self.n)
        self.u = u - dt * (p - np.roll(p, 1, 0)) / h
        self.v = v - dt * (p - np.roll(p, 1, 1)) / h
        self.t += dt

    def error(self):
        exact = np.exp(-2 * self.nu * self.t) * np.sin(self.xu) * np.cos(self.yu)
        return np.sqrt(np.mean((self.u - exact) ** 2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=96, help="cells along each side")
    flow = Projection(parser.parse_args().n)
    while flow.t < 0.15:
        flow.step()
    print(f"t = {flow.t:.4f}, kinetic energy {np.mean(flow.u**2 + flow.v**2) / 2:.12f}")
    print(f"L2 error {flow.error():.6e}")
