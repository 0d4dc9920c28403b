"""Heat equation."""
import matplotlib.pyplot as plt
import numpy as np  # arrays

u = np.random.default_rng(0).random((64, 64))
k2 = np.fft.fftfreq(64)[:, None] ** 2 + np.fft.fftfreq(64) ** 2
u_hat = np.fft.fft2(u)
for step in range(100):  # hot: 0.9
    u_hat = np.exp(-k2) * u_hat
    u = np.fft.ifft2(u_hat, axes=(0, 1)).real
    u_hat = np.fft.fft2(u + 0.1)
print(np.fft.fftshift(u).sum())
