# type: n int
# type: a numpy.ndarray float64 1
# type: b numpy.ndarray float64 1
# type: c numpy.ndarray float64 1
# type: d numpy.ndarray float64 1
import numpy as np


def solved_by_lapack(lower, diagonal, upper, right, kinds):
    """The solution of a tridiagonal system; None where elimination in order may be less stable.

    That is where the diagonal does not dominate the rows, or where not all are arrays of the same of kinds.
    """
    parts = lower, diagonal, upper, right
    kind = getattr(right, "dtype", None)
    if any(type(one) is not np.ndarray or one.ndim != 1 or one.dtype != kind for one in parts):
        return None
    if kind.char not in kinds or not right.size == diagonal.size == lower.size + 1 == upper.size + 1 > 2:
        return None
    size = abs(diagonal)
    slack = size.copy()
    slack[1:] -= abs(lower)
    slack[:-1] -= abs(upper)
    least = 1e-10 * size.max()
    if not (slack.min() >= -least and slack.max() > least and np.isfinite(np.vdot(right, right))):
        return None
    from scipy.linalg.lapack import dgtsv, zgtsv

    *_, x, info = (dgtsv if kind.char == "d" else zgtsv)(lower, diagonal, upper, right)
    return None if info else x


def thomas(a, b, c, d):
    """Solve a tridiagonal system."""
    solution = solved_by_lapack(a[1:], b, c[:-1], d, 'd')
    if solution is None:
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
    return solution


n = 50
r = 0.4
u = np.sin(np.linspace(0, 3, n))
for step in range(20):
    u = thomas(np.full(n, -r), np.full(n, 1 + 2 * r), np.full(n, -r), u)
print(u.sum())
