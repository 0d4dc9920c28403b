import numpy as np

K = 40
F = 8.0
dt = 0.02
x = F * np.ones(K)
x[19] += 0.01


def tendency(x):
    return (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - x + F


traj = [x.copy()]
for n in range(3000):
    k1 = tendency(x)
    k2 = tendency(x + dt / 2 * k1)
    k3 = tendency(x + dt / 2 * k2)
    k4 = tendency(x + dt * k3)
    x = x + dt / 6 * (k1 + 2 * (k2 + k3) + k4)
    if n % 20 == 0:
        traj.append(x.copy())
traj = np.array(traj)
print("mean", traj.mean(), "std", traj.std())
np.savez("l96.npz", traj=traj)
