"""Decaying turbulence in two dimensions: vorticity, dealiased spectra, second-order Runge-Kutta."""

import numpy as np

n, nu, dt = 32, 2e-3, 0.02
k = np.fft.fftfreq(n, 1.0 / n)
kx, ky = np.meshgrid(k, k, indexing="ij")
k2 = kx**2 + ky**2
inverse = np.where(k2 == 0, 0.0, 1.0 / np.where(k2 == 0, 1.0, k2))
mask = 1.0 * (np.abs(kx) < n / 3) * (np.abs(ky) < n / 3)
x = 2 * np.pi * np.arange(n) / n
X, Y = np.meshgrid(x, x, indexing="ij")
w = np.cos(3 * X) * np.cos(2 * Y) + 0.5 * np.sin(X + 2 * Y) + 0.3 * np.cos(4 * X - Y)


def slope(wh):
    psi = wh * inverse
    u = np.fft.ifft2(1j * ky * psi).real
    v = np.fft.ifft2(-1j * kx * psi).real
    wx = np.fft.ifft2(1j * kx * wh).real
    wy = np.fft.ifft2(1j * ky * wh).real
    return -mask * np.fft.fft2(u * wx + v * wy) - nu * k2 * wh


wh = np.fft.fft2(w)
enstrophy = []
for step in range(150):
    half = wh + 0.5 * dt * slope(wh)
    wh = wh + dt * slope(half)
    enstrophy.append(0.5 * np.mean(np.fft.ifft2(wh).real ** 2))
w = np.fft.ifft2(wh).real
np.save("vorticity.npy", w)
print("enstrophy", enstrophy[0], enstrophy[-1])
