# type: run:u numpy.ndarray float64 1
# type: run:frames numpy.ndarray float64 2
import numpy as np


def run(u, steps):
    frames = u[np.newaxis, :].copy()
    for step in range(steps):  # hot: 0.8
        u = 0.5 * (u + np.roll(u, 1))
        frames = np.concatenate((frames, u[np.newaxis, :]), axis=0)  # expect: growing-array
    return frames
