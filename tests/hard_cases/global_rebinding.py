# expect: rewritten
# why: the helper reads k when it is called, and k is bound anew between calls: a frozen global is the wrong one
# prints: 4.058235955800e-01 2.387942123463e-02
import numpy as np

n = 40
k = 0.1
u = np.zeros((n, n))
u[10:20, 10:20] = 1.0


def flux(left, right):
    return k * (right - left)


def step(u):
    un = u.copy()
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] = un[i, j] + (
                flux(un[i, j], un[i + 1, j])
                + flux(un[i, j], un[i - 1, j])
                + flux(un[i, j], un[i, j + 1])
                + flux(un[i, j], un[i, j - 1])
            )


for t in range(150):
    k = 0.2 if t % 3 == 0 else 0.05
    step(u)
print("%.12e %.12e" % (u.max(), u[25, 25]))
