import numpy as np

size = 21
rng = np.random.default_rng(3)
grid = rng.integers(0, 4, size=(size, size))
lost = 0
topplings = 0
for grain in range(300):
    i, j = rng.integers(0, size, 2)
    grid[i, j] += 1
    while True:
        over = grid > 3
        if not over.any():
            break
        topplings += int(over.sum())
        grid[over] -= 4
        grid[1:, :] += over[:-1, :]
        grid[:-1, :] += over[1:, :]
        grid[:, 1:] += over[:, :-1]
        grid[:, :-1] += over[:, 1:]
        lost += int(over[0].sum() + over[-1].sum() + over[:, 0].sum() + over[:, -1].sum())
print(topplings, lost)
print(np.bincount(grid.ravel()))
