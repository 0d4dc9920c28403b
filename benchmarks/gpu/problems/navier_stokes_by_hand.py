"""The same turbulence as an expert writes it with CuPy: its transforms, and kernels between them."""

import sys

import cupy as cp
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 5
nu, dt = 1e-4, 1e-3
k = np.fft.fftfreq(n, 1.0 / n)
kx = cp.asarray(k[:, None] * np.ones((1, n)))
ky = cp.asarray(k[None, :] * np.ones((n, 1)))
k2 = kx**2 + ky**2
k2i = cp.where(k2 == 0, 1.0, k2)
keep = (abs(kx) < n / 3) & (abs(ky) < n / 3)
x = np.linspace(0, 2 * np.pi, n, endpoint=False)
w = np.sin(4 * x)[:, None] * np.cos(3 * x) + 0.3 * np.cos(7 * x)[:, None] * np.sin(5 * x)
wh = cp.fft.fft2(cp.asarray(w))
spectra = cp.ElementwiseKernel(
    "complex128 wh, float64 kx, float64 ky, float64 k2i",
    "complex128 u, complex128 v, complex128 wx, complex128 wy",
    """
    const complex<double> im(0.0, 1.0), ph = wh / k2i;
    u = im * ky * ph; v = -im * kx * ph; wx = im * kx * wh; wy = im * ky * wh;
    """,
    "spectra",
)
products = cp.ElementwiseKernel(
    "complex128 u, complex128 v, complex128 wx, complex128 wy",
    "float64 advection",
    "advection = u.real() * wx.real() + v.real() * wy.real()",
    "products",
)
advance = cp.ElementwiseKernel(
    "complex128 advection, bool keep, float64 k2, float64 nu, float64 dt",
    "complex128 wh",
    "wh = (wh * (1 - 0.5 * dt * nu * k2) - dt * (keep ? advection : complex<double>(0.0))) "
    "/ (1 + 0.5 * dt * nu * k2)",
    "advance",
)
for _ in range(steps):
    fields = [cp.fft.ifft2(spectrum) for spectrum in spectra(wh, kx, ky, k2i)]
    advance(cp.fft.fft2(products(*fields)), keep, k2, nu, dt, wh)
w = np.real(np.fft.ifft2(wh.get()))
print(np.abs(w).max(), (w**2).mean())
