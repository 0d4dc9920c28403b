import numpy as np
import sys


def crank_nicolson(psi, V, dx, dt, nt):
    n = len(psi)
    r = 1j * dt / (4 * dx * dx)
    a = -r * np.ones(n, dtype=complex)
    b = 1 + 2 * r + 0.5j * dt * V
    for it in range(nt):
        d = (1 - 2 * r - 0.5j * dt * V) * psi
        d[1:] += r * psi[:-1]
        d[:-1] += r * psi[1:]
        cp = np.zeros(n, dtype=complex)
        dp = np.zeros(n, dtype=complex)
        cp[0] = a[0] / b[0]
        dp[0] = d[0] / b[0]
        for i in range(1, n):
            den = b[i] - a[i] * cp[i - 1]
            cp[i] = a[i] / den
            dp[i] = (d[i] - a[i] * dp[i - 1]) / den
        psi[-1] = dp[-1]
        for i in range(n - 2, -1, -1):
            psi[i] = dp[i] - cp[i] * psi[i + 1]
    return psi


def main(argv):
    n = int(argv[1]) if len(argv) > 1 else 120
    x = np.linspace(-10, 10, n)
    dx = x[1] - x[0]
    V = np.where(np.abs(x - 2) < 0.5, 3.0, 0.0)
    psi = np.exp(-((x + 4) ** 2) + 2j * x)
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2) * dx)
    psi = crank_nicolson(psi, V, dx, 0.02, 100)
    prob = np.abs(psi) ** 2
    print("norm        :", np.sum(prob) * dx)
    print("transmitted :", np.sum(prob[x > 2.5]) * dx)


if __name__ == "__main__":
    main(sys.argv)
