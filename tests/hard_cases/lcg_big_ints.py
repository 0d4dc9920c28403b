# expect: refused
# why: Python's integers do not overflow, a machine's do: seed * a passes 2**64 before the remainder is taken
# prints: 11480458813319732025 -1.445262827986e+01
import numpy as np

seed = 12345
n = 400
u = np.zeros(n)
for step in range(1200):
    for i in range(n):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 18446744073709551616
        u[i] += (seed >> 11) / 9007199254740992.0 - 0.5
print(seed, "%.12e" % u.sum())
