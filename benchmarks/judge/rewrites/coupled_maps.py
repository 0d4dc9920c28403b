"""A lattice of coupled logistic maps, chaotic in space and time; the last state is saved."""

import numpy as np

n, eps, r = 128, 0.2, 3.9
x = 0.5 + 0.3 * np.sin(2 * np.pi * np.arange(n) / n) + 0.05 * np.cos(6 * np.pi * np.arange(n) / n)
means = []
for step in range(400):
    f = r * x * (1 - x)
    left, right = np.roll(f, 1), np.roll(f, -1)
    x = (1 - eps) * f + 0.5 * eps * (left + right)
    if step % 10 == 0:
        means.append(x.mean())
np.save("lattice.npy", x)
print("mean", np.mean(means))
