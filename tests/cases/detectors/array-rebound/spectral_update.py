# type: u numpy.ndarray float64 1
# type: dt float
import numpy as np

u = np.sin(np.arange(64.0))
dt = 1e-3
for step in range(1000):  # hot: 0.9
    rhs = np.fft.ifft(np.fft.fft(u) * 0.5).real
    u = u + dt * rhs  # expect: array-rebound
