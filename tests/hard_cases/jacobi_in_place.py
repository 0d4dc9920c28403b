# expect: serial
# why: meant as Jacobi, but it reads what it has just written; in this order the answer is Gauss-Seidel's
# prints: 3.143607310012e+02
import numpy as np

n = 40
u = np.zeros((n, n))
u[0, :] = 1.0
for sweep in range(250):
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
print("%.12e" % u[1:-1, 1:-1].sum())
