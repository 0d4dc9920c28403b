# refuse: parameters that scipy.fft does not have
import numpy as np

u = np.sin(np.arange(64.0))
work = np.zeros(64, dtype=complex)
for step in range(100):  # hot: 0.9
    np.fft.fft(u, out=work)
    u = np.fft.ifft(0.9 * work).real
