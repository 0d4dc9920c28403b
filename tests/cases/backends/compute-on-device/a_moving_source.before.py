# type: u cupy.ndarray float64 1
# type: x numpy.ndarray float64 1
# type: step int
# type: dt float
import cupy as cp
import numpy as np


def source(t, x):
    """A wave that moves."""
    return np.sin(40 * t) * np.exp(-50 * (x - 0.3) ** 2)


x = np.linspace(0.0, 1.0, 1000)
u = cp.zeros(1000)
dt = 1e-3
for step in range(100):  # hot: 0.9
    u = u + dt * cp.asarray(source(step * dt, x))
