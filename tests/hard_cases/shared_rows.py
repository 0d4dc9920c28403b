# expect: any
# why: [[0.0] * n] * n is one row, n times: a write to one row shows in all of them
# prints: -3.506296384877e+00 -1.125040505975e+01
n = 60
u = [[0.0] * n] * n
f = [[float((i * j) % 7) for j in range(n)] for i in range(n)]
for sweep in range(150):
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - 0.01 * f[i][j])
print("%.12e %.12e" % (u[3][5], u[n - 2][n // 2]))
