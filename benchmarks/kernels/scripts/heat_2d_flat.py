"""Heat in a plate, everything at module level; the plate's mean kept each step."""

import numpy as np

nx = ny = 300
nt = 800
kappa = 0.1
dx = 1.0
dt = 0.2 * dx**2 / kappa
u = np.zeros((ny, nx))
u[ny // 3 : ny // 2, nx // 3 : nx // 2] = 50.0
u[0, :] = 100.0
history = []

for step in range(nt):
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + kappa * dt / dx**2 * (
        un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2] - 4 * un[1:-1, 1:-1]
    )
    u[:, 0] = u[:, 1]
    u[:, -1] = u[:, -2]
    u[-1, :] = u[-2, :]
    history.append(u.mean())
    if step % 200 == 0:
        print(step, history[-1])

print("mean", history[0], history[-1])
print("u", u.sum(), u.max())
