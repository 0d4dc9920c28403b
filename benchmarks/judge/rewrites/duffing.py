"""A forced Duffing oscillator in its chaotic band; plain numbers, printed every so often."""

import math

delta, alpha, beta, gamma, omega = 0.3, -1.0, 1.0, 0.5, 1.2
dt = 2 * math.pi / omega / 200


def force(x, v, t):
    return -delta * v - alpha * x - beta * x**3 + gamma * math.cos(omega * t)


x, v, t = 0.5, 0.0, 0.0
section = []
for n in range(20000):
    k1x, k1v = v, force(x, v, t)
    k2x, k2v = v + 0.5 * dt * k1v, force(x + 0.5 * dt * k1x, v + 0.5 * dt * k1v, t + 0.5 * dt)
    k3x, k3v = v + 0.5 * dt * k2v, force(x + 0.5 * dt * k2x, v + 0.5 * dt * k2v, t + 0.5 * dt)
    k4x, k4v = v + dt * k3v, force(x + dt * k3x, v + dt * k3v, t + dt)
    x += dt / 6 * (k1x + 2 * k2x + 2 * k3x + k4x)
    v += dt / 6 * (k1v + 2 * k2v + 2 * k3v + k4v)
    t += dt
    if n % 200 == 199:
        section.append((x, v))
        print(f"{n + 1:6d} {x:.10f} {v:.10f}")
