import numpy as np
from numpy.fft import fft, ifft, fftfreq

N = 128
x = 2 * np.pi * np.arange(N) / N
k = fftfreq(N, 1.0 / N)
nu = 0.05
dt = 2e-3
u_hat = fft(np.sin(x) + 0.5 * np.cos(3 * x))
dealias = np.abs(k) < N / 3


def rhs(v):
    u = np.real(ifft(v * dealias))
    return -0.5j * k * fft(u * u) - nu * k**2 * v


snapshots = []
for n in range(200):
    k1 = rhs(u_hat)
    k2 = rhs(u_hat + 0.5 * dt * k1)
    k3 = rhs(u_hat + 0.5 * dt * k2)
    k4 = rhs(u_hat + dt * k3)
    u_hat = u_hat + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    if n % 50 == 49:
        snapshots.append(np.real(ifft(u_hat)))

np.save("snapshots.npy", np.array(snapshots))
