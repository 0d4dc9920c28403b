# Wave on a square drum, nested lists, result written by hand
N = 24
c = 1.0
dx = 1.0 / N
dt = 0.5 * dx / c
C2 = (c * dt / dx) ** 2

u0 = [[0.0] * (N + 1) for _ in range(N + 1)]
u1 = [[0.0] * (N + 1) for _ in range(N + 1)]
for i in range(1, N):
    for j in range(1, N):
        u0[i][j] = i * (N - i) * j * (N - j) / (N / 2.0) ** 4
        u1[i][j] = u0[i][j]

for step in range(60):
    u2 = [[0.0] * (N + 1) for _ in range(N + 1)]
    for i in range(1, N):
        for j in range(1, N):
            lap = u1[i + 1][j] + u1[i - 1][j] + u1[i][j + 1] + u1[i][j - 1] - 4 * u1[i][j]
            u2[i][j] = 2 * u1[i][j] - u0[i][j] + C2 * lap
    u0, u1 = u1, u2

with open("drum.txt", "w") as f:
    for row in u1:
        f.write(" ".join("%12.5e" % value for value in row) + "\n")
print("centre", u1[N // 2][N // 2])
