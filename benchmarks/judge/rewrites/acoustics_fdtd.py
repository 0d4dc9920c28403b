import numpy as np
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

nx, ny, nt = 61, 45, 120
c, dx = 340.0, 0.05
dt = dx / c / np.sqrt(2) * 0.9
p = np.zeros((nx, ny))
vx = np.zeros((nx + 1, ny))
vy = np.zeros((nx, ny + 1))
rho = 1.2
kappa = rho * c**2
src = (20, 22)
trace = []
for it in range(nt):
    vx[1:-1, :] -= dt / (rho * dx) * (p[1:, :] - p[:-1, :])
    vy[:, 1:-1] -= dt / (rho * dx) * (p[:, 1:] - p[:, :-1])
    p -= kappa * dt / dx * (vx[1:, :] - vx[:-1, :] + vy[:, 1:] - vy[:, :-1])
    p[src] += np.exp(-(((it - 30) / 9.0) ** 2))
    trace.append(p[45, 10])

fig, ax = plt.subplots()
ax.plot(np.arange(nt) * dt, trace)
ax.set_title("microphone")
fig.savefig("trace.png")
plt.close(fig)
del p, vx, vy
