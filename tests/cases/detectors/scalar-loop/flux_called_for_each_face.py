def flux(left, right):
    return 0.5 * (left + right) - 0.5 * abs(right - left)


u = [0.0] * 1000
f = [0.0] * 1000
for step in range(100):
    for i in range(1, 1000):  # hot: 0.95  expect: scalar-loop
        f[i] = flux(u[i - 1], u[i])
