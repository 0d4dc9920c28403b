# type: u numpy.ndarray float64 2
# type: flux numpy.ndarray float64 2
# type: N int
import numpy as np

N = 128
u = np.random.default_rng(1).random((N, N))
for step in range(200):  # hot: 0.9
    flux = np.zeros((N, N))  # expect: allocation-in-loop
    flux[:, 1:] = u[:, 1:] - u[:, :-1]
    u = u + 0.1 * np.fft.ifft2(np.fft.fft2(flux) * 0.5).real
