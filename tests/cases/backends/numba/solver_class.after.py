# type: step:self.u numpy.ndarray float64 1
# type: step:self.flux numpy.ndarray float64 1
# type: step:self.n int
# type: step:self.c float
# type: step:self.dx float
# type: step:self.dt float
import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def face_kernel(c, left, right):
    return c * left if c > 0 else c * right


@njit(cache=True, error_model="numpy")
def update_flux_u(flux, u, n, c, dt, dx):
    """Updates flux, u in place."""
    for i in range(n):  # hot: 0.6
        flux[i] = face_kernel(c, u[i - 1], u[i])
    flux[n] = flux[0]
    if dx == 0 and n > 0:
        raise ZeroDivisionError("division by zero")
    for i in range(n):
        u[i] -= dt / dx * (flux[i + 1] - flux[i])


class Advection:
    """First-order upwind."""

    def __init__(self, n, c):
        self.n = n
        self.c = c
        self.dx = 1.0 / n
        self.dt = 0.5 * self.dx / abs(c)
        self.u = np.exp(-100 * (np.linspace(0, 1, n) - 0.3) ** 2)
        self.flux = np.zeros(n + 1)

    def face(self, left, right):
        return self.c * left if self.c > 0 else self.c * right

    def step(self):
        update_flux_u(self.flux, self.u, self.n, self.c, self.dt, self.dx)


solver = Advection(400, 1.0)
for k in range(1000):
    solver.step()
