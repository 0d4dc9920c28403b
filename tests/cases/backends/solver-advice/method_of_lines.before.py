import numpy as np
from scipy.integrate import solve_ivp

n = 400


def rate(t, u):
    return -u


u = solve_ivp(rate, (0, 1), np.ones(n), method="Radau")  # hot: 0.9  refuse: `Radau` finds a dense Jacobian
