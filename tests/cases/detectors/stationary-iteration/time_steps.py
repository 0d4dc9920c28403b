import numpy as np

n = 500
K = 2.01 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
m = np.full(n, 2.0)
u = np.zeros(n)
v = np.zeros(n)
F = np.ones(n)
for k in range(1000):  # hot: 0.6
    a = (F - K @ u) / m  # multiplied: K 1000 500x500 1
    v = v + 0.01 * a
    u = u + 0.01 * v
    u = u - 0.01 * (K @ u)
    w = K @ u  # multiplied: K 1000 500x500 1
