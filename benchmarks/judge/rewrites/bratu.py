import numpy as np
from scipy.sparse import diags, identity, kron
from scipy.sparse.linalg import spsolve

m = 24
h = 1.0 / (m + 1)
lam = 5.0
T = diags([np.ones(m - 1), -2 * np.ones(m), np.ones(m - 1)], [-1, 0, 1]) / h**2
A = (kron(T, identity(m)) + kron(identity(m), T)).tocsr()


def residual(u):
    return A @ u + lam * np.exp(u)


u = np.zeros(m * m)
r = residual(u)
its = 0
while np.linalg.norm(r) > 1e-8 and its < 20:
    J = A + diags([lam * np.exp(u)], [0])
    du = spsolve(J.tocsc(), -r)
    u = u + du
    r = residual(u)
    its += 1
    print(its, np.linalg.norm(du))

np.savetxt("bratu.csv", u.reshape(m, m), delimiter=",", fmt="%.6f")
print("max u = %.7f after %d Newton steps" % (u.max(), its))
