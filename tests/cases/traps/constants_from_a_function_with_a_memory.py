import numpy as np

calls = []


def table(n):
    calls.append(n)
    return np.arange(n) * float(len(calls))


u = np.zeros(3)
for i in range(3):
    k = table(3)
    u[:] = u + np.exp(-k)
