# Advection with a limiter, by a generator; dataclass settings
from dataclasses import dataclass, field
import numpy as np


@dataclass
class Settings:
    cells: int = 90
    speed: float = 1.0
    cfl: float = 0.6
    end: float = 0.497
    marks: list = field(default_factory=lambda: [0.1, 0.25, 0.497])


def minmod(a, b):
    return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)


def evolve(s):
    h = 1.0 / s.cells
    x = (np.arange(s.cells) + 0.5) * h
    q = np.where((x > 0.1) & (x < 0.3), 1.0, 0.0) + np.exp(-(((x - 0.6) / 0.05) ** 2))
    t = 0.0
    while t < s.end:
        dt = min(s.cfl * h / s.speed, s.end - t)
        left, right = q - np.roll(q, 1), np.roll(q, -1) - q
        slope = minmod(left, right)
        face = q + 0.5 * (1 - s.speed * dt / h) * slope
        q = q - s.speed * dt / h * (face - np.roll(face, 1))
        t += dt
        yield t, q


def run():
    s = Settings()
    waiting = list(s.marks)
    for t, q in evolve(s):
        if waiting and t >= waiting[0] - 1e-12:
            np.savetxt(f"q_{waiting.pop(0):.2f}.dat", q, fmt="%.7e")


run()
