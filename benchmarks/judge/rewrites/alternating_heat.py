"""Heat in a plate by Peaceman and Rachford's alternating directions, Thomas's recurrence line by line."""

from math import pi, sin

nx, ny = 14, 11
r = 0.7
U = [[sin(pi * i / (nx - 1)) * sin(2 * pi * j / (ny - 1)) for j in range(ny)] for i in range(nx)]


def thomas(d):
    m = len(d)
    c = [0.0] * m
    y = [0.0] * m
    b = 1 + r
    a = -0.5 * r
    c[0] = a / b
    y[0] = d[0] / b
    for k in range(1, m):
        w = b - a * c[k - 1]
        c[k] = a / w
        y[k] = (d[k] - a * y[k - 1]) / w
    for k in range(m - 2, -1, -1):
        y[k] = y[k] - c[k] * y[k + 1]
    return y


def half_x(U):
    V = [row[:] for row in U]
    for j in range(1, ny - 1):
        d = [U[i][j] + 0.5 * r * (U[i][j + 1] - 2 * U[i][j] + U[i][j - 1]) for i in range(1, nx - 1)]
        for i, value in enumerate(thomas(d)):
            V[i + 1][j] = value
    return V


def half_y(V):
    W = [row[:] for row in V]
    for i in range(1, nx - 1):
        d = [V[i][j] + 0.5 * r * (V[i + 1][j] - 2 * V[i][j] + V[i - 1][j]) for j in range(1, ny - 1)]
        W[i][1:-1] = thomas(d)
    return W


for step in range(30):
    U = half_y(half_x(U))
print("middle", U[nx // 3][ny // 3])
