# Crank-Nicolson-free: Chebyshev-like leapfrog with complex numbers in lists
import cmath

n = 90
dx = 0.2
dt = 0.01
x = [dx * (i - n / 2) for i in range(n)]
V = [0.05 * q * q for q in x]
psi = [cmath.exp(-((q - 1.0) ** 2) + 1.5j * q) for q in x]


def hamiltonian(f):
    out = []
    for i in range(n):
        left = f[i - 1] if i else 0
        right = f[i + 1] if i + 1 < n else 0
        out.append(-0.5 * (left - 2 * f[i] + right) / dx**2 + V[i] * f[i])
    return out


old = psi
now = [p - 1j * dt * h for p, h in zip(psi, hamiltonian(psi))]
for step in range(200):
    h = hamiltonian(now)
    new = [o - 2j * dt * q for o, q in zip(old, h)]
    old, now = now, new

norm = sum(abs(p) ** 2 for p in now) * dx
mean = sum(q * abs(p) ** 2 for q, p in zip(x, now)) * dx / norm
print(f"{norm:.9f} {mean:.9f}")
