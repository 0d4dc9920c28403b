import numpy as np

calls = []
for i in range(4):
    work = np.zeros(3)
    work += i
    calls.append(lambda held=work: held.sum())
total = [call() for call in calls]
print(total)
