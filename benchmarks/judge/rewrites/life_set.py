from itertools import product


def neighbours(cell):
    x, y = cell
    return {(x + dx, y + dy) for dx, dy in product((-1, 0, 1), repeat=2)} - {cell}


def step(alive):
    counts = {}
    for cell in alive:
        for other in neighbours(cell):
            counts[other] = counts.get(other, 0) + 1
    return {c for c, n in counts.items() if n == 3 or (n == 2 and c in alive)}


alive = {(0, 1), (1, 3), (2, 0), (2, 1), (2, 4), (2, 5), (2, 6)}  # acorn
for generation in range(60):
    alive = step(alive)
    if generation % 10 == 9:
        print("generation", generation + 1, "alive", len(alive), "width", max(x for x, y in alive))
