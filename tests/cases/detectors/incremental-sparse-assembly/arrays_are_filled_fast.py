# type: i int
# type: N int
# type: A numpy.ndarray float64 2
import numpy as np

N = 1000
A = np.zeros((N, N))
for i in range(N):  # hot: 0.8
    A[i, i] = 2.0
