# Implicit Allen-Cahn front: Newton inside each step, sparse Jacobian, figure and text written.
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla
import matplotlib.pyplot as plt

N, L, EPS = 200, 10.0, 0.35
x = np.linspace(-L / 2, L / 2, N)
dx = x[1] - x[0]
lap = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(N, N)).tolil()
lap[0, 1] = 2.0
lap[-1, -2] = 2.0
lap = lap.tocsc() / dx**2
eye = sp.identity(N, format="csc")


def reaction(u):
    return (u - u**3) / EPS**2


def slope(u):
    return (1 - 3 * u**2) / EPS**2


def newton(u_old, dt, tol=1e-8, most=20):
    u = u_old.copy()
    for it in range(most):
        res = u - u_old - dt * (lap @ u + reaction(u))
        jac = eye - dt * (lap + sp.diags(slope(u), format="csc"))
        delta = sla.spsolve(jac.tocsc(), -res)
        u = u + delta
        if np.linalg.norm(delta) < tol:
            break
    return u, it + 1


u = np.tanh(x / 1.5) + 0.2 * np.exp(-x**2)
times, masses, counts = [0.0], [u.sum() * dx], []
t, dt = 0.0, 0.01
for k in range(60):
    u, used = newton(u, dt)
    t += dt
    times.append(t)
    masses.append(u.sum() * dx)
    counts.append(used)
    if k % 20 == 0:
        print(f"t={t:.3f} mass={masses[-1]:.6f}")
np.savetxt("front.txt", np.column_stack([x, u]))
plt.plot(x, u)
plt.savefig("front.png")
