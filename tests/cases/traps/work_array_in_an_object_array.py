import numpy as np

states = np.empty(4, dtype=object)
for i in range(4):
    work = np.zeros(3)
    work += i
    states[i] = work
total = sum(state.sum() for state in states)
print(total)
