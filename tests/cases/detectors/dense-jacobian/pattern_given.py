import numpy as np
from scipy.integrate import solve_ivp
from scipy.sparse import diags_array

n = 400
dx = 1.0 / (n + 1)


def rate(t, u):
    du = np.zeros(n)
    for i in range(1, n - 1):  # hot: 0.9
        du[i] = (u[i - 1] - 2 * u[i] + u[i + 1]) / dx**2
    return du


u0 = np.sin(np.pi * np.linspace(0, 1, n))
told = solve_ivp(rate, (0, 0.1), u0, method="BDF", jac_sparsity=diags_array([1, 1, 1], offsets=[-1, 0, 1], shape=(n, n)))
explicit = solve_ivp(rate, (0, 0.001), u0)
