# type: step:u numpy.ndarray float64 1
# type: step:k numpy.ndarray float64 1
# type: run:u numpy.ndarray float64 1
# type: run:k numpy.ndarray float64 1
# type: run:dt float
# type: run:t float
import numpy as np

def step(u, k, dt):
    return np.fft.ifft(np.fft.fft(u) * np.exp(-k**2 * dt)).real

def run(u, k, dt):
    t = 0.0
    while t < 1.0:  # hot: 0.9
        u = step(u, k, dt)
        v = np.exp(-k**2 * dt)
        u[0] = 0.0
        u = np.fft.ifft(np.fft.fft(u) * np.exp(-k**2 * dt)).real
        k2 = k**2
        if t > 0.5:
            k2[0] = 1
        t += dt
    return u

n = 256
u = run(np.sin(np.arange(n)), np.fft.fftfreq(n), 1e-3)
