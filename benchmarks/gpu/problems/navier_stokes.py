"""Two-dimensional turbulence: vorticity and streamfunction by Fourier transforms, semi-implicit."""

import sys

import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 5
nu, dt = 1e-4, 1e-3
k = np.fft.fftfreq(n, 1.0 / n)
kx = k[:, None] * np.ones((1, n))
ky = k[None, :] * np.ones((n, 1))
k2 = kx**2 + ky**2
k2i = np.where(k2 == 0, 1.0, k2)
keep = (abs(kx) < n / 3) & (abs(ky) < n / 3)
x = np.linspace(0, 2 * np.pi, n, endpoint=False)
w = np.sin(4 * x)[:, None] * np.cos(3 * x) + 0.3 * np.cos(7 * x)[:, None] * np.sin(5 * x)
wh = np.fft.fft2(w)
for _ in range(steps):
    ph = wh / k2i
    u = np.real(np.fft.ifft2(1j * ky * ph))
    v = np.real(np.fft.ifft2(-1j * kx * ph))
    wx = np.real(np.fft.ifft2(1j * kx * wh))
    wy = np.real(np.fft.ifft2(1j * ky * wh))
    advection = np.fft.fft2(u * wx + v * wy)
    advection = np.where(keep, advection, 0.0)
    wh = (wh * (1 - 0.5 * dt * nu * k2) - dt * advection) / (1 + 0.5 * dt * nu * k2)
w = np.real(np.fft.ifft2(wh))
print(np.abs(w).max(), (w**2).mean())
