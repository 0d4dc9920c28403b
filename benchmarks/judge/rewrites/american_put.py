"""An American put by implicit steps and projected SOR on lists; the exercise boundary is written."""

import math

strike, rate, sigma, life = 100.0, 0.05, 0.3, 0.5
cells, steps, omega, tol = 80, 30, 1.2, 1e-8
ds, dt = 3.0 * strike / cells, life / steps
prices = [k * ds for k in range(cells + 1)]
payoff = [max(strike - s, 0.0) for s in prices]
value = payoff[:]
edge = []
sweeps = 0
for step in range(steps):
    right = value[:]
    while True:
        change = 0.0
        for k in range(1, cells):
            a = 0.5 * dt * (rate * k - sigma**2 * k**2)
            b = 1.0 + dt * (sigma**2 * k**2 + rate)
            c = -0.5 * dt * (rate * k + sigma**2 * k**2)
            fresh = (right[k] - a * value[k - 1] - c * value[k + 1]) / b
            fresh = max(payoff[k], value[k] + omega * (fresh - value[k]))
            change = max(change, abs(fresh - value[k]))
            value[k] = fresh
        sweeps += 1
        if change < tol:
            break
    edge.append(max(s for s, v, p in zip(prices, value, payoff) if v == p and p > 0))
with open("put.csv", "w") as out:
    out.write("price,value\n")
    for s, v in zip(prices, value):
        out.write(f"{s:.3f},{v:.9f}\n")
print("sweeps", sweeps, "edge", edge[-1], "at the money", round(value[cells // 3], 6), math.fsum(value))
