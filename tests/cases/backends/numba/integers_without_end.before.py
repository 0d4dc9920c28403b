# type: seed int
# type: u numpy.ndarray float64 1
# refuse: may outgrow 64 bits
import numpy as np

u = np.zeros(1000)
seed = 12345
for i in range(1000):  # hot: 0.9
    seed = (6364136223846793005 * seed + 1442695040888963407) % 2**64
    u[i] = seed / 2**64
