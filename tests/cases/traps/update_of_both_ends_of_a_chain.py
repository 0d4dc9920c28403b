import numpy as np

a = b = np.ones(3)
for i in range(3):
    a = a + 1.0
