# type: x numpy.ndarray float64 1
# refuse: calls numpy.random.standard_t
import numpy as np

x = np.zeros(1000)
for i in range(1000):  # hot: 0.9
    x[i] += np.random.standard_t(3) - 0.5
