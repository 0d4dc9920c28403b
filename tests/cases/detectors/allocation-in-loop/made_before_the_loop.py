# type: u numpy.ndarray float64 1
# type: work numpy.ndarray float64 1
import numpy as np

u = np.zeros(100)
work = np.zeros_like(u)
for step in range(1000):  # hot: 0.9
    work[1:] = u[:-1]
    u += np.fft.ifft(work).real
