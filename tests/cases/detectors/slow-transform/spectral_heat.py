import numpy as np

u = np.random.default_rng(0).random((64, 64))
k2 = np.fft.fftfreq(64)[:, None] ** 2 + np.fft.fftfreq(64) ** 2
for step in range(100):  # hot: 0.9  expect: slow-transform
    u = np.fft.ifft2(np.exp(-k2) * np.fft.fft2(u)).real
