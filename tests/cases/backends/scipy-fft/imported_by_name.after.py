import numpy as np
from scipy.fft import fftfreq, ifft as inverse, rfft
from scipy import fft

u = np.sin(np.arange(64.0))
k = 2j * np.pi * fftfreq(64)
for step in range(100):  # hot: 0.9
    u = u - 0.01 * inverse(k * fft.fft(u)).real
print(u.sum(), abs(rfft(u)).max())
