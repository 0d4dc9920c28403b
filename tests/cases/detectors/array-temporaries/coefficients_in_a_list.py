# type: along:f numpy.ndarray float64 2
# type: u numpy.ndarray float64 2
import numpy as np

a = [0.0, 2.0 / 3.0, -1.0 / 12.0]


def along(f, dx):
    left, right = np.roll(f, 1, axis=0), np.roll(f, -1, axis=0)
    further = np.roll(f, 2, axis=0)
    beyond = np.roll(f, -2, axis=0)
    return (a[1] * (right - left) + a[2] * (beyond - further)) / dx  # hot: 0.6  expect: array-temporaries


u = np.random.default_rng(1).random((66, 66))
for step in range(1000):
    u = u - 0.1 * along(u, 0.1)
