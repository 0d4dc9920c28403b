# type: u numpy.ndarray float64 2
# type: un numpy.ndarray float64 2
# type: nx int
# type: dx float
# type: dt float
"""Heat equation, as people write it."""
import numpy as np
from numba import njit


@njit(cache=True)
def copy_into(target, values):
    """What target[:] = values does; Numba takes seconds to compile that."""
    count = len(values)
    if count == 1:
        target[:] = values[0]
        return
    if count != len(target):
        raise ValueError("could not broadcast: the sizes differ")
    begin, other = target.ctypes.data, values.ctypes.data
    end, last = begin + (count - 1) * target.strides[0], other + (count - 1) * values.strides[0]
    if min(begin, end) < max(other, last) + 16 and min(other, last) < max(begin, end) + 16:
        values = values.copy()  # they may share memory; an element has 16 bytes at most
    for i in range(count):
        target[i] = values[i]


@njit(cache=True, error_model="numpy")
def update_u(u, nx, dx, dt):
    """Updates u in place; returns un."""
    un = u.copy()
    # interior points
    for i in range(1, nx - 1):  # hot: 0.9
        for j in range(1, nx - 1):
            lap = (un[i+1, j] + un[i-1, j] + un[i, j+1] + un[i, j-1] - 4*un[i, j]) / dx**2
            u[i, j] = un[i, j] + dt * lap
    u[0, :] = 0
    copy_into(u[:, 0], u[:, 1])
    return un


nx = 101
dx = 1.0 / (nx - 1)
dt = 0.2 * dx**2
u = np.zeros((nx, nx))
u[40:60, 40:60] = 1.0
history = []

for n in range(200):
    un = update_u(u, nx, dx, dt)
    history.append(u.max())
    if n % 50 == 0:
        print(n, u.max())
