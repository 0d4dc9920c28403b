"""Two streams of charged particles in one dimension: cloud in cell, field by FFT, leapfrog; a dataclass."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Plasma:
    cells: int = 64
    count: int = 3000
    length: float = 2 * np.pi
    dt: float = 0.1
    x: np.ndarray = field(init=False)
    v: np.ndarray = field(init=False)
    energies: list = field(default_factory=list)

    def __post_init__(self):
        rng = np.random.default_rng(7)
        self.x = rng.uniform(0, self.length, self.count)
        self.v = np.where(np.arange(self.count) % 2 == 0, 1.0, -1.0) * (1 + 0.1 * np.sin(self.x))

    def density(self):
        dx = self.length / self.cells
        left = np.floor(self.x / dx).astype(int)
        part = self.x / dx - left
        rho = np.zeros(self.cells)
        np.add.at(rho, left % self.cells, 1 - part)
        np.add.at(rho, (left + 1) % self.cells, part)
        return rho * self.cells / self.count - 1.0

    def electric(self):
        modes = np.fft.fft(self.density())
        k = np.fft.fftfreq(self.cells, 1.0 / self.cells) * 2 * np.pi / self.length
        potential = np.zeros(self.cells, complex)
        potential[1:] = modes[1:] / k[1:] ** 2
        return np.fft.ifft(-1j * k * potential).real

    def push(self):
        e = self.electric()
        dx = self.length / self.cells
        left = np.floor(self.x / dx).astype(int)
        part = self.x / dx - left
        here = (1 - part) * e[left % self.cells] + part * e[(left + 1) % self.cells]
        self.v -= self.dt * here
        self.x = (self.x + self.dt * self.v) % self.length
        self.energies.append(0.5 * np.sum(e**2) * dx)


plasma = Plasma()
for step in range(60):
    plasma.push()
print("field energy", plasma.energies[0], plasma.energies[-1], "momentum", plasma.v.sum())
