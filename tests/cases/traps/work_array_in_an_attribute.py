import numpy as np


class State:
    pass


state = State()
sums = []
for i in range(4):
    work = np.zeros(3)
    if i:
        sums.append(float(state.work.sum()))
    work += i
    state.work = work
print(sums)
