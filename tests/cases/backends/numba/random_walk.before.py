# type: x numpy.ndarray float64 1
# refuse: calls numpy.random.randn
import numpy as np

x = np.zeros(1000)
for i in range(1000):  # hot: 0.9
    x[i] += np.random.randn() - 0.5
