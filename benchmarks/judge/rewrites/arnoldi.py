"""Leading eigenvalues of an advection-diffusion operator by Arnoldi's iteration."""
import numpy as np


def operator(v, pe, h):
    w = np.empty_like(v)
    for i in range(len(v)):
        left = v[i - 1] if i > 0 else 0.0
        right = v[i + 1] if i < len(v) - 1 else 0.0
        w[i] = (right - 2 * v[i] + left) / h**2 - pe * (right - left) / (2 * h)
    return w * 1e-4 + v


def arnoldi(n=80, m=12, pe=3.0):
    h = 1.0 / (n + 1)
    Q = np.zeros((n, m + 1))
    Hm = np.zeros((m + 1, m))
    Q[:, 0] = 1.0 / np.sqrt(n)
    for k in range(m):
        w = operator(Q[:, k], pe, h)
        for j in range(k + 1):
            Hm[j, k] = Q[:, j] @ w
            w = w - Hm[j, k] * Q[:, j]
        Hm[k + 1, k] = np.linalg.norm(w)
        Q[:, k + 1] = w / Hm[k + 1, k]
    return np.sort(np.linalg.eigvals(Hm[:m, :m]).real)[::-1]


values = arnoldi()
print("eigenvalues")
for v in values[:6]:
    print("  %.8f" % v)
