from numpy.fft import rfft, rfftfreq
import numpy as np

u = np.sin(np.arange(64.0))
k = rfftfreq(64)
u_hat = rfft(u)
for step in range(100):  # hot: 0.9
    u_hat = u_hat * np.exp(-(k**2))
