import numpy as np

n = 500
A = 2.01 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
R = A - np.diag(np.diag(A))
x = np.zeros(n)
for k in range(1000):  # hot: 0.6
    x = (1.0 - R @ x) / 2.01  # multiplied: R 1000 500x500 1, refuse: Jacobi's iteration on 500 unknowns
