# type: n int
# type: a numpy.ndarray float64 1
# type: b numpy.ndarray float64 1
# type: c numpy.ndarray float64 1
# type: d numpy.ndarray float64 1
import numpy as np


def thomas(a, b, c, d):
    """Solve a tridiagonal system."""
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):  # hot: 0.6
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]  # back substitution
    return x


n = 50
r = 0.4
u = np.sin(np.linspace(0, 3, n))
for step in range(20):
    u = thomas(np.full(n, -r), np.full(n, 1 + 2 * r), np.full(n, -r), u)
print(u.sum())
