import numpy as np
from scipy.integrate import solve_ivp

GM = 4 * np.pi**2
planets = np.zeros(3, dtype=[("a", float), ("e", float), ("m", float)])
planets["a"] = 0.8, 1.0, 1.6
planets["e"] = 0.1, 0.05, 0.2
planets["m"] = 1e-4, 3e-6, 5e-4


def start(p):
    r = p["a"] * (1 - p["e"])
    return [r, 0.0, 0.0, np.sqrt(GM * (1 + p["e"]) / (p["a"] * (1 - p["e"])))]


def field(t, y):
    n = len(planets)
    z = y.reshape(n, 4)
    out = np.empty_like(z)
    for i in range(n):
        r = z[i, :2]
        acc = -GM * r / (r @ r) ** 1.5
        for j in range(n):
            if i != j:
                d = z[j, :2] - r
                acc = acc + GM * planets["m"][j] * d / (d @ d) ** 1.5
        out[i, :2] = z[i, 2:]
        out[i, 2:] = acc
    return out.ravel()


y0 = np.concatenate([start(p) for p in planets])
sol = solve_ivp(field, (0.0, 3.0), y0, rtol=1e-8, atol=1e-10, t_eval=np.linspace(0, 3, 31))
sol.y[:2].tofile("inner.bin")
print("steps", sol.nfev)
print("outer planet at", *np.round(sol.y[8:10, -1], 6))
