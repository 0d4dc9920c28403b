# rewritten
import numpy as np

a = np.array([])
for i in range(10):
    a = np.append(a, i * 1.5)
    if i == 4:
        break
    a = np.append(a, [-1.0, i])
else:
    print("never")
