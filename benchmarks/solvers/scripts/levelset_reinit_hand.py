import numpy as np
from numba import njit


@njit(cache=True)
def initial(N, h):
    phi = np.zeros((N, N))
    for i in range(N):
        for j in range(N):
            x = -1 + i*h
            y = -1 + j*h
            phi[i, j] = (np.sqrt(x*x + y*y) - 0.5)*(0.3 + (x-0.7)**2 + (y-0.4)**2)
    return phi


@njit(cache=True)
def sweep(phi, old, phi0, h, eps, dtau, band):
    N = phi.shape[0]
    skipped = 0
    change = 0.0
    old[:, :] = phi
    for i in range(1, N-1):
        for j in range(1, N-1):
            if abs(old[i, j]) > band:
                skipped += 1
                continue
            a = (old[i, j] - old[i-1, j])/h
            b = (old[i+1, j] - old[i, j])/h
            c = (old[i, j] - old[i, j-1])/h
            d = (old[i, j+1] - old[i, j])/h
            s = phi0[i, j]/(phi0[i, j]**2 + eps**2)**0.5
            if phi0[i, j] > 0:
                gx = max(max(a, 0.0)**2, min(b, 0.0)**2)
                gy = max(max(c, 0.0)**2, min(d, 0.0)**2)
            elif phi0[i, j] < 0:
                gx = max(min(a, 0.0)**2, max(b, 0.0)**2)
                gy = max(min(c, 0.0)**2, max(d, 0.0)**2)
            else:
                continue
            G = (gx + gy)**0.5 - 1
            phi[i, j] = old[i, j] - dtau*s*G
            change = max(change, abs(dtau*s*G))
    for k in range(N):
        phi[0, k] = 2*phi[1, k] - phi[2, k]
        phi[N-1, k] = 2*phi[N-2, k] - phi[N-3, k]
        phi[k, 0] = 2*phi[k, 1] - phi[k, 2]
        phi[k, N-1] = 2*phi[k, N-2] - phi[k, N-3]
    return change, skipped


N = 64
h = 2.0/(N-1)
eps = h
phi = initial(N, h)
phi0 = phi.copy()
old = phi.copy()
dtau = 0.5*h
band = 10*h
count_skipped = 0
for it in range(1000):
    change, skipped = sweep(phi, old, phi0, h, eps, dtau, band)
    count_skipped += skipped
    if it % 50 == 0:
        print("it = %d, change = %.6e" % (it, change))
    if change < 1e-5:
        print("converged after", it)
        break
front = []
for i in range(N):
    pos = -1
    for j in range(N-1):
        if phi[i, j]*phi[i, j+1] < 0:
            pos = j
            break
    front.append(pos)
print(front)
print("skipped", count_skipped)
