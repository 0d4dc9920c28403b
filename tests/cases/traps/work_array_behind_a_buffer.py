import numpy as np

u = np.zeros(3)
for i in range(4):
    work = np.zeros(3)
    last = np.frombuffer(work)
    work += i
    if i > 1:
        u[:] = before * 2.0
    before = last
