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

t = [0.0]  # times
errors = []
counts = np.arange(3)
counts_values = []
while t[-1] < 1.0:  # hot: 0.9
    un = 0.5 * (u + np.roll(u, 1))
    err = np.max(np.abs(un - u))
    u = un
    n += 1
    t.append(t[-1] + dt)  # the next one
    errors.extend([err, -err])
    counts_values.append(n)
    if len(t) % 100 == 0:
        print(len(errors), t[-1], np.float64(errors[-1]) / dt)
errors = np.array(errors, dtype=float)
if counts_values:
    counts = np.append(counts, counts_values)
t = np.array(t)
print(t.mean(), errors.sum(), counts.dtype)
