# expect: any
# why: the default argument is one dict for all calls and holds what earlier calls left in it
# prints: 97 2.647309133541e+03
import numpy as np

n = 50
u = np.ones((n, n))
misses = 0


def conductivity(i, cache={}):
    global misses
    if i not in cache:
        misses += 1
        cache[i] = 1.0 / (1.0 + i) + 0.01 * len(cache)
    return cache[i]


for step in range(120):
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] += 1e-3 * conductivity((i * j + step) % 97)
print(misses, "%.12e" % u.sum())
