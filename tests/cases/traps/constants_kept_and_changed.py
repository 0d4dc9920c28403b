import numpy as np

x = np.linspace(0.0, 1.0, 5)
kept = []
for i in range(3):
    weights = np.exp(-x)
    kept.append(weights)
    kept[-1][0] = i
print([float(one[0]) for one in kept])
