"""Loops over several counters at once become nests."""


def test_a_product_of_ranges_becomes_a_nest(same_output):
    done = same_output("""
import numpy as np
from itertools import product

n, m = 7, 5
u = np.arange(float(n * m)).reshape(n, m)
for step in range(3):
    old = u.copy()
    for i, j in product(range(1, n - 1), range(1, m - 1)):  # hot
        # five points
        if i == j:
            continue
        u[i, j] = 0.25 * (old[i - 1, j] + old[i + 1, j] +
                          old[i, j - 1] + old[i, j + 1])
    print(u.sum())
""")
    assert "    for i in range(1, n - 1):\n        for j in range(1, m - 1):" in done.text


def test_indices_of_a_shape_become_a_nest(same_output):
    done = same_output("""
import numpy as np

class Grid:
    def __init__(self, n):
        self.u = np.ones((n, n + 1))

    def scale(self):
        for i, j in np.ndindex(self.u.shape):  # hot
            self.u[i, j] *= i + 2.0 * j
        for i, j in np.ndindex(*self.u.shape):
            self.u[i, j] += i

grid = Grid(6)
for k in range(3):
    grid.scale()
print(grid.u.tolist())
""")
    assert "for i in range(u.shape[0]):\n        for j in range(u.shape[1]):" in done.text


def test_values_of_arrays_can_be_multiplied_out(same_output):
    same_output("""
import itertools
import numpy as np

def table(xs, ys):
    total = 0.0
    for x, y in itertools.product(xs, ys):  # hot
        total += x * y - 0.5 * x
    return total

print(table(np.linspace(0, 1, 9), np.linspace(2, 3, 7)))
""")


def test_three_counters_of_one_range(same_output):
    same_output("""
import numpy as np
from itertools import product
n = 4
u = np.zeros((n, n, n))
for i, j, k in product(range(n), repeat=3):  # hot
    u[i, j, k] = i + 2 * j - k
print(u.tolist())
""")


def test_a_break_out_of_all_counters_is_no_nest(rewrite):
    done = rewrite("""
import numpy as np
from itertools import product
n = 9
u = np.arange(float(n * n)).reshape(n, n)
found = -1
for i, j in product(range(n), range(n)):  # hot
    if u[i, j] > 40.0:
        found = i
        break
print(found)
""")
    assert not done.candidates
    assert "product" in done.reasons


def test_a_range_that_the_body_changes_is_no_nest(rewrite):
    done = rewrite("""
import numpy as np
from itertools import product
n = 9
u = np.zeros((20, 20))
for i, j in product(range(n), range(n)):  # hot
    u[i, j] = 1.0
    n = 5
print(u.sum())
""")
    assert not done.candidates


def test_counters_read_after_the_loop_are_kept_or_refused(rewrite):
    done = rewrite("""
import numpy as np
u = np.zeros((5, 6))
for i, j in np.ndindex(5, 6):  # hot
    u[i, j] = i - j
print(i, j, u.sum())
""")
    assert not done.candidates
    assert "unassigned" in done.reasons


def test_a_tuple_of_counters_is_an_index(same_output):
    same_output("""
import numpy as np
u = np.ones((5, 6, 2))
v = np.arange(30.0).reshape(5, 6)
for n in range(4):
    for place in np.ndindex(5, 6):  # hot
        u[place][1] += 2 * v[place] + place[0]
        v[place] -= u[place][0]
print(u.tolist(), v.tolist())
""")


def test_a_product_of_few_numbers_that_breaks_is_written_out(same_output):
    done = same_output("""
import numpy as np
from itertools import product

n = 9
u = np.zeros((n, n))
u[4, 4] = u[1, 7] = 2.0
for step in range(3):
    new = u.copy()
    for r, c in product(range(n), range(n)):  # hot
        for dr, dc in product((-1, 0, 1), range(-1, 2)):
            if dr == 0 and dc == 0:
                continue
            if not (0 <= r + dr < n and 0 <= c + dc < n):
                continue
            if u[r + dr, c + dc] > 0.5:
                new[r, c] += 0.5 / (1 + abs(dr) + 2 * dc * dc)
                break
    u = new
    print(u.sum(), u[3].tolist())
""")
    assert "for dr, dc in ((-1, -1), (-1, 0), (-1, 1), (0, -1)," in done.text
