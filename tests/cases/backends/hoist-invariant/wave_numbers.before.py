# type: u numpy.ndarray float64 1
# type: k numpy.ndarray float64 1
# type: E numpy.ndarray float64 1
# type: dt float
# type: nu float
# type: n int
# type: dx float
import numpy as np

n = 256
dx = 2 * np.pi / n
dt = 1e-3
nu = 0.1
u = np.sin(dx * np.arange(n))
for step in range(1000):  # hot: 0.9
    # wave numbers
    k = 2 * np.pi * np.fft.fftfreq(n, d=dx)  # per length
    E = np.exp(-nu * k**2 * dt)
    u_hat = np.fft.fft(u) * E
    u_hat = u_hat * (1j * k)
    u = np.fft.ifft(u_hat).real
    print(u.max(), k[3])
