# type: t numpy.ndarray float64 1
# type: dt float
import numpy as np

dt = 1e-4
t = np.array([0.0])
while t[-1] < 1.0:  # hot: 0.9
    t = np.append(t, t[-1] + dt)  # expect: growing-array
