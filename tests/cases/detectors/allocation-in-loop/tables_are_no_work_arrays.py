# type: u numpy.ndarray float64 1
import numpy as np

u = np.zeros(100)
work = np.zeros(100)
for step in range(1000):  # hot: 0.9
    work[:] = np.fft.irfft(np.fft.rfft(u))
    u = np.arange(100) * 0.1 + work
