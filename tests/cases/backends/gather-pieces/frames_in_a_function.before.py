# type: run:u numpy.ndarray float64 1
# type: run:frames numpy.ndarray float64 2
# type: run:rows numpy.ndarray float64 2
# type: run:probe numpy.ndarray float64 1
import numpy as np


def run(u, steps):
    frames = u.copy()
    rows = np.zeros((1, u.size))
    probe = u[:2].copy()
    for step in range(steps):  # hot: 0.8
        u[1:] = 0.5 * (u[1:] + u[:-1])
        for part in range(2):
            u *= 0.999
        frames = np.vstack((frames, u))
        rows = np.concatenate([rows, u[np.newaxis, :], 2 * u.reshape(1, -1)], axis=0)
        if step > 3:
            probe = np.hstack([probe, u[:2]])
    return frames, rows, probe


run(np.sin(np.arange(32.0)), 20)
