import numpy as np

x = np.linspace(0.0, 1.0, 5)
sums = []
for i in range(3):
    weights = np.exp(-x)
    sums.append(float(weights.sum()))
    weights *= 2.0
    sums.append(float(weights.sum()))
print(sums)
