"""Attributes that are stored by one name of an object and read by another."""


def test_the_loops_before_the_store_are_compiled_together(same_output):
    done = same_output("""
import numpy as np

class Grid:
    def __init__(self, n):
        self.h = np.linspace(1.0, 2.0, n)

class Solver:
    def __init__(self, grid):
        self.grid = grid

    def speed(self, i):
        return 0.1 * self.grid.h[i] ** 2

    def advance(self):
        G = self.grid
        new = G.h.copy()
        for i in range(1, 20):  # hot
            new[i] -= self.speed(i) - self.speed(i - 1)
        for i in range(1, 20):
            new[i] += 0.01 * G.h[i - 1]
        G.h = new
        for i in range(20):
            G.h[i] = max(G.h[i], 0.5) + 0.001 * self.speed(i)
        print(G.h[3])

solver = Solver(Grid(20))
for k in range(4):
    solver.advance()
print(solver.grid.h.tolist())
""")
    texts = [candidate.patches[0].after for candidate in done.candidates]
    assert not any("is not self.grid" in text for text in texts), "asked for, and never so"
    assert any("    new = update_new(" in text and text.count("new[i] += 0.01") == 1 for text in texts)
