# type: advance:self.u numpy.ndarray float64 1
# type: advance:self.v numpy.ndarray float64 1
# type: advance:dt float
import numpy as np


class Wave:
    def __init__(self, n):
        self.u = np.sin(np.arange(n))
        self.v = np.zeros(n)

    def force(self):
        return np.fft.irfft(np.fft.rfft(self.u) * 0.5, self.u.size)

    def advance(self, dt):  # hot: 0.7
        self.v -= dt * self.force()
        self.u += dt * self.v


wave = Wave(64)
for step in range(100):
    wave.advance(0.01)
print(wave.u.sum())
