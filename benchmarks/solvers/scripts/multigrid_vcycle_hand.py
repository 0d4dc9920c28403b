import numpy as np
from numba import njit

# geometric multigrid for -u'' ... 2D Poisson, V-cycles by recursion

@njit(cache=True)
def smooth(u, f, h, nu):
    n = u.shape[0]
    for _ in range(nu):
        for i in range(1, n-1):
            for j in range(1, n-1):
                u[i, j] = 0.25*(u[i-1, j]+u[i+1, j]+u[i, j-1]+u[i, j+1] + h*h*f[i, j])
    return u

@njit(cache=True)
def residual(u, f, h):
    n = u.shape[0]
    r = np.zeros_like(u)
    for i in range(1, n-1):
        for j in range(1, n-1):
            r[i, j] = f[i, j] + (u[i-1, j]+u[i+1, j]+u[i, j-1]+u[i, j+1]-4*u[i, j])/h**2
    return r

@njit(cache=True)
def restrict(r):
    n = r.shape[0]
    m = (n-1)//2 + 1
    rc = np.zeros((m, m))
    for i in range(1, m-1):
        for j in range(1, m-1):
            I = 2*i
            J = 2*j
            rc[i, j] = 0.25*r[I, J] + 0.125*(r[I+1, J]+r[I-1, J]+r[I, J+1]+r[I, J-1]) \
                + 0.0625*(r[I+1, J+1]+r[I-1, J+1]+r[I+1, J-1]+r[I-1, J-1])
    return rc

@njit(cache=True)
def prolong(e):
    m = e.shape[0]
    n = 2*(m-1)+1
    ef = np.zeros((n, n))
    for i in range(m):
        for j in range(m):
            ef[2*i, 2*j] = e[i, j]
    for i in range(0, n, 2):
        for j in range(1, n, 2):
            ef[i, j] = 0.5*(ef[i, j-1]+ef[i, j+1])
    for i in range(1, n, 2):
        for j in range(n):
            ef[i, j] = 0.5*(ef[i-1, j]+ef[i+1, j])
    return ef

def vcycle(u, f, h):
    n = u.shape[0]
    if n <= 3:
        u[1, 1] = 0.25*(u[0, 1]+u[2, 1]+u[1, 0]+u[1, 2]+h*h*f[1, 1])
        return u
    u = smooth(u, f, h, 2)
    r = residual(u, f, h)
    rc = restrict(r)
    ec = vcycle(np.zeros_like(rc), rc, 2*h)
    u += prolong(ec)
    u = smooth(u, f, h, 2)
    return u

n = 2**8 + 1
h = 1.0/(n-1)
x = np.linspace(0, 1, n)
X, Y = np.meshgrid(x, x, indexing='ij')
exact = np.sin(np.pi*X)*np.sin(np.pi*Y)
f = 2*np.pi**2*exact
u = np.zeros((n, n))
res0 = np.linalg.norm(residual(u, f, h))
for cycle in range(1, 31):
    u = vcycle(u, f, h)
    res = np.linalg.norm(residual(u, f, h))
    print(f"cycle {cycle}  residual {res:.3e}  err {np.max(np.abs(u-exact)):.8e}")
    if res < 1e-10*res0:
        break
