# rewritten
import numpy as np

every = np.array([])
for case in range(3):
    part = np.array([])
    for i in range(case):
        part = np.append(part, i * 0.5)
        every = np.append(every, part.sum() if len(part) > 5 else case)
    every = np.append(every, [-1.0])
    print(part.sum())
