import numpy as np

n = 500
A = 2.01 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
D = np.diag(A)
R = A - np.diag(D)
b = np.ones(n)
x = np.zeros(n)
for k in range(1000):  # hot: 0.6
    x_new = (b - R @ x) / D  # multiplied: R 1000 500x500 1, expect: stationary-iteration
    if np.linalg.norm(x_new - x) < 1e-8:
        break
    x = x_new
v = np.ones(n)
while True:  # hot: 0.3
    w = A.dot(v)  # multiplied: A 400 500x500 1, expect: stationary-iteration
    size = np.linalg.norm(w)
    v = w / size
    if abs(size - 4.01) < 1e-4:
        break
