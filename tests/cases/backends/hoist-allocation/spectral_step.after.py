# type: u numpy.ndarray float64 2
# type: flux numpy.ndarray float64 2
# type: work numpy.ndarray float64 2
# type: mask numpy.ndarray bool 2
# type: line numpy.ndarray float64 1
# type: total numpy.float64
# type: N int
import numpy as np

N = 32
u = np.random.default_rng(1).random((N, N))
history = []
# in time
flux = np.zeros((N, N))
work = np.empty_like(flux)
mask = np.ones((N, N), dtype=bool)
# one line
line = np.empty(N)
for step in range(20):  # hot: 0.9
    # differences
    flux.fill(0)  # of the rows
    mask.fill(True)
    flux[:, 1:] = u[:, 1:] - u[:, :-1]
    mask[0] = False
    work[:] = np.fft.ifft2(np.fft.fft2(flux) * 0.5).real
    for row in range(N):
        line[:] = work[row]
        u[row] += 0.1 * line
    u = np.where(mask, u, 0.0)
    total = flux[3, 3]
    history.append(total)
    flux += 1.0
print(u.sum(), flux.mean(), history[3], line.sum())
