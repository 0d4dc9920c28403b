import numpy as np

grid = np.arange(12.0).reshape(3, 4)
row = grid[1]
for i in range(3):
    row = row + 1.0
