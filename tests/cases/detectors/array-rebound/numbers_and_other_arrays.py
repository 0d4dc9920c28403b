# type: u numpy.ndarray float64 1
# type: v numpy.ndarray float64 1
# type: t float
import numpy as np

u = np.zeros(10)
t = 0.0
for step in range(1000):  # hot: 0.9
    v = u + 1.0
    t = t + 0.1
    u = v - np.fft.ifft(v).real
