# type: x float
# type: y float
x, y = 1.0, 0.0
for step in range(100000):  # hot: 0.9
    x = x - 1e-3 * y * (x - y)
    y = y + 1e-3 * x
