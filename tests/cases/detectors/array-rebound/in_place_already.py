# type: u numpy.ndarray float64 1
import numpy as np

u = np.ones(10)
for step in range(1000):  # hot: 0.9
    u += 0.1 * np.fft.ifft(u).real
    u *= 0.5
