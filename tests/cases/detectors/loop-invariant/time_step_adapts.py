# type: u numpy.ndarray float64 1
# type: k numpy.ndarray float64 1
# type: dt float
import numpy as np

k = np.fft.fftfreq(64)
u = np.sin(np.arange(64))
dt = 1e-3
t = 0.0
while t < 1:  # hot: 0.95
    u_hat = np.fft.fft(u) * np.exp(-(k**2) * dt)
    k[0] = 0.0
    u = np.fft.ifft(u_hat).real
    dt = 1e-3 / (1 + np.abs(u).max())
    t += dt
