# type: u numpy.ndarray float64 1
# type: v numpy.ndarray float64 1
# type: w numpy.ndarray complex128 1
# type: dt float
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0.0, 1.0, 64)
u = np.sin(x)
v = np.zeros_like(u)
w = np.fft.fft(u)
dt = 1e-3
frames = []
for step in range(100):  # hot: 0.9
    rhs = np.fft.ifft(np.fft.fft(u) * 0.5).real
    u += dt * rhs
    u -= 0.1 * v  # explicit
    v += dt * (u - np.roll(u, 1))
    w *= 1.0 - dt * np.abs(w)  # damped
    frames.append(u.copy())
plt.plot(x, u)
print(u.sum(), v.sum(), w.sum(), frames[3].sum())
