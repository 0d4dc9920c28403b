# Kuramoto-Sivashinsky, integrating factor Euler/RK2, CSV only
import numpy as np


def initial(N, L):
    x = L * np.arange(N) / N
    return np.cos(2 * np.pi * x / L) * (1 + np.sin(2 * np.pi * x / L))


def solve(N=64, L=22.0, h=0.05, steps=3000):
    q = 2 * np.pi / L * np.r_[0 : N // 2, 0, -N // 2 + 1 : 0]
    lin = q**2 - q**4
    E, E2 = np.exp(h * lin), np.exp(h * lin / 2)
    g = -0.5j * q
    v = np.fft.fft(initial(N, L))
    rows = []
    for it in range(1, steps + 1):
        a = E2 * (v + h / 2 * g * np.fft.fft(np.real(np.fft.ifft(v)) ** 2))
        v = E * v + h * E2 * g * np.fft.fft(np.real(np.fft.ifft(a)) ** 2)
        if it % 100 == 0:
            rows.append(np.real(np.fft.ifft(v)))
    return np.array(rows)


with open("ks.csv", "w") as out:
    for row in solve():
        out.write(",".join("%.5f" % value for value in row) + "\n")
