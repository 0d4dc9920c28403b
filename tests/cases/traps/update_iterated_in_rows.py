import numpy as np

u = np.ones((3, 2))
rows = []
for i in range(3):
    for row in u:
        rows.append(row)
    u = u + 1.0
