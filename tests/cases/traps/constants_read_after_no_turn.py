import numpy as np

x = np.linspace(0.0, 1.0, 5)
table = np.zeros(5)
for i in range(0):
    table = np.exp(-x)
print(table.sum())
