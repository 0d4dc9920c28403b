"""Explicit heat equation by small matrix products, where watching each product would show."""

import numpy as np
import scipy.sparse as sp

n = 3000
laplacian = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n)).tocsr()
mixing = 0.5 * np.eye(60)
u = np.sin(np.linspace(0.0, 3.0, n))
v = np.ones(60)
for _ in range(120_000):
    u = u + 0.1 * (laplacian @ u)
    v = mixing @ v + 1.0
print(u.sum(), v.sum())
