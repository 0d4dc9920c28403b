# rewritten
import numpy as np

n = 8
u = np.sin(np.arange(n))
for i in range(3):
    k = 2 * np.pi * np.fft.fftfreq(n)
    decay = np.exp(-(k**2))
    u = np.real(np.fft.ifft(decay * np.fft.fft(u)))
    print(f"{u[0]:.12f}")
