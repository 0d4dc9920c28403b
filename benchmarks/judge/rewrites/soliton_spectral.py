"""A soliton of the Korteweg-de Vries equation, Fourier in space, integrating factor and RK4 in time."""

import numpy as np
from numpy.fft import fft, ifft

N = 64
L = 20.0
dt = 2e-3
nsteps = 250
x = L * np.arange(N) / N
k = 2 * np.pi * np.fft.fftfreq(N, d=L / N)
ik3 = 1j * k**3
u = 2.0 / np.cosh(x - 7.0) ** 2
v = fft(u)
E1 = np.exp(dt * ik3 / 2)
E2 = E1**2
g = -3j * dt * k
record = []
for n in range(nsteps):
    a = g * fft(np.real(ifft(v)) ** 2)
    b = g * fft(np.real(ifft(E1 * (v + a / 2))) ** 2)
    c = g * fft(np.real(ifft(E1 * v + b / 2)) ** 2)
    d = g * fft(np.real(ifft(E2 * v + E1 * c)) ** 2)
    v = E2 * v + (E2 * a + 2 * E1 * (b + c) + d) / 6
    if n % 50 == 0:
        record.append(np.real(ifft(v)).max())
u = np.real(ifft(v))
print("peak %.8f" % u.max(), "mass %.8f" % (u.sum() * L / N))
