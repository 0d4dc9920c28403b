# type: t numpy.ndarray float64 1
# type: errors numpy.ndarray float64 1
# type: counts numpy.ndarray int64 1
# type: u numpy.ndarray float64 1
# type: un numpy.ndarray float64 1
# type: dt float
# type: err numpy.float64
# type: n int
import numpy as np

u = np.linspace(0.0, 1.0, 64) ** 2
dt = 1e-3
n = 0
err = 1.0

t = np.array([0.0])  # times
errors = np.array([])
counts = np.arange(3)
while t[-1] < 1.0:  # hot: 0.9
    un = 0.5 * (u + np.roll(u, 1))
    err = np.max(np.abs(un - u))
    u = un
    n += 1
    t = np.append(t, t[-1] + dt)  # the next one
    errors = np.append(errors, [err, -err])
    counts = np.append(counts, n)
    if t.size % 100 == 0:
        print(len(errors), t[-1], errors[-1] / dt)
print(t.mean(), errors.sum(), counts.dtype)
