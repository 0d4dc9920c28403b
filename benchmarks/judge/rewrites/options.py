# Heston paths by Euler-Maruyama, seeded, statistics only
import numpy as np

np.random.seed(1234)
paths = 4000
steps = 60
S = np.full(paths, 100.0)
V = np.full(paths, 0.04)
r, kappa, theta, xi, rho = 0.03, 1.5, 0.04, 0.3, -0.7
dt = 1.0 / steps
for i in range(steps):
    z1 = np.random.randn(paths)
    z2 = rho * z1 + np.sqrt(1 - rho**2) * np.random.randn(paths)
    Vp = np.maximum(V, 0.0)
    S *= np.exp((r - 0.5 * Vp) * dt + np.sqrt(Vp * dt) * z1)
    V += kappa * (theta - Vp) * dt + xi * np.sqrt(Vp * dt) * z2
payoff = np.exp(-r) * np.maximum(S - 105.0, 0.0)
print("call", round(payoff.mean(), 4), "+-", round(payoff.std() / np.sqrt(paths), 4))
