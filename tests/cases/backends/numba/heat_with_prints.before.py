# type: u numpy.ndarray float64 2
# type: un numpy.ndarray float64 2
# type: nx int
# type: dx float
# type: dt float
"""Heat equation, as people write it."""
import numpy as np

nx = 101
dx = 1.0 / (nx - 1)
dt = 0.2 * dx**2
u = np.zeros((nx, nx))
u[40:60, 40:60] = 1.0
history = []

for n in range(200):
    un = u.copy()
    # interior points
    for i in range(1, nx - 1):  # hot: 0.9
        for j in range(1, nx - 1):
            lap = (un[i+1, j] + un[i-1, j] + un[i, j+1] + un[i, j-1] - 4*un[i, j]) / dx**2
            u[i, j] = un[i, j] + dt * lap
    u[0, :] = 0
    u[:, 0] = u[:, 1]
    history.append(u.max())
    if n % 50 == 0:
        print(n, u.max())
