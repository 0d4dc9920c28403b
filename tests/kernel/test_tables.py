"""Lists that are written in the source and never change become arrays once."""

import pytest

LIFE = """
import numpy as np

class Life:
    deltas = [(-1, -1), (-1, 0), (0, 1), (1, 0)]

    def __init__(self, n):
        self.n = n
        self.grid = (np.arange(n * n) % 3 == 0).astype(np.int64).reshape(n, n)

    def around(self, r, c):
        count = 0
        for dr, dc in self.deltas:
            count += self.grid[(r + dr) % self.n, (c + dc) % self.n]
        return count

    def step(self):
        new = np.zeros_like(self.grid)
        for r in range(self.n):  # hot
            for c in range(self.n):
                new[r, c] = 1 if self.around(r, c) in (2, 3) else 0
        self.grid = new

life = Life(6)
for k in range(3):
    life.step()
print(life.grid.tolist())
"""

LATTICE = """
import numpy as np

cx = [0, 1, 0, -1]
w = [4 / 9, 1 / 9, 1 / 9, 1 / 3]
links = [(0, 1), (1, 0), (-1, 0)]

def weight(i, rho):
    return w[i] * rho * (1 + cx[i])

f = np.arange(20.0).reshape(5, 4)
for step in range(3):
    total = 0.0
    for x in range(5):  # hot
        for i in range(4):
            total += f[(x + cx[i]) % 5, i] * cx[i] + weight(i, f[x, 0])
        for dx, dy in links:
            total += f[(x + dx) % 5, dy]
    f[0, 0] += total
    print(total, {extra})
"""


def test_a_table_is_made_an_array_once_and_needs_no_check(same_output):
    done = same_output(LATTICE.replace("{extra}", "cx[1]"))
    assert "cx = [0, 1, 0, -1]\ncx_array = np.array(cx, dtype=np.int64)\n" in done.text
    assert "for dx, dy in links_array:" in done.text
    assert "list_types" not in done.text


@pytest.mark.parametrize("use", ["cx.append(1)", "cx.__setitem__(0, 1)", "shift(cx)", "[cx]"])
def test_a_list_that_something_may_change_is_no_table(rewrite, use):
    done = rewrite("def shift(c):\n    c[0] += 1\n" + LATTICE.replace("{extra}", use))
    assert done.candidates
    assert "]\ncx_array = np.array(cx" not in done.text


def test_a_table_of_a_class_is_one_made_once(same_output):
    done = same_output(LIFE)
    assert "\ndeltas_array = np.array(Life.deltas, dtype=np.int64)\n" in done.text


def test_a_table_of_a_class_that_is_inherited_from_is_one(same_steps):
    text = LIFE.replace("class Life:\n", "class Around:\n").replace(
        "    def __init__", "class Life(Around):\n    def __init__"
    )
    done = same_steps(text)
    assert "deltas_array = np.array(Around.deltas, dtype=np.int64)\n" in done.text


def test_a_table_that_instances_replace_is_none(rewrite):
    own = "self.n = n\n        self.deltas = [(0, 1), (1, 1)]\n"
    done = rewrite(LIFE.replace("self.n = n\n", own))
    assert not any("deltas_array" in candidate.patches[0].after for candidate in done.candidates)


def test_a_table_of_a_function_is_passed_to_its_kernel(same_output):
    done = same_output("""
import numpy as np

def main():
    order = [3, 1, 0, 2]
    u = np.linspace(0, 1, 4)
    for k in range(3):
        for i in range(4):  # hot
            u[order[i]] += 0.5 * u[i]
        print(k, order[0])
    return u

print(main().tolist())
""")
    assert "    order = [3, 1, 0, 2]\n    order_array = np.array(order, dtype=np.int64)\n" in done.text
    assert "list_types" not in done.text
