"""Random walkers in a box with a hole, seeded; how many are left, and where."""

import numpy as np

rng = np.random.default_rng(2024)
walkers, size = 400, 25
at = rng.integers(0, size, size=(walkers, 2))
alive = np.ones(walkers, dtype=bool)
left = []
visits = np.zeros((size, size), dtype=int)
for step in range(120):
    moves = rng.integers(0, 4, size=walkers)
    for k in range(walkers):
        if not alive[k]:
            continue
        i, j = at[k]
        if moves[k] == 0 and i > 0:
            i -= 1
        elif moves[k] == 1 and i < size - 1:
            i += 1
        elif moves[k] == 2 and j > 0:
            j -= 1
        elif moves[k] == 3 and j < size - 1:
            j += 1
        at[k] = i, j
        visits[i, j] += 1
        if (i, j) == (size // 2, size // 2):
            alive[k] = False
    left.append(int(alive.sum()))
print("left", left[-1], "most visited", visits.max(), "spread", at[alive].std())
