# rewritten
import numpy as np

rng = np.random.default_rng(3)
x = np.linspace(0.0, 1.0, 5)
u = np.zeros(5)
for i in range(3):
    u[:] = u + np.exp(-x) * rng.random(5)
    x = x + 0.0 * rng.random()
