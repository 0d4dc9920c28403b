"""Lists that keep lists of numbers, ``frames.append(u)``: those that they hold become arrays all the same."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

HELD = """
import copy
import math

n = 6

def mean(u):
    return sum(sum(row) for row in u) / n**2

def step(u, c):
    new = copy.deepcopy(u)
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            new[i][j] = u[i][j] + c * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - 4 * u[i][j])
    return new

u = [[math.sin(i * j) for j in range(n)] for i in range(n)]
frames = []
for k in range(9):
    u = step(u, 0.125)
    if k % 3 == 0:
        frames.append(LINE)
u[2][2] = 50.0
print(len(frames), mean(frames[0]), mean(frames[-1]))
for t, frame in zip((0.0, 0.5, 1.0), frames):
    print(t, frame[2][2], max(frame[3]))
for k, frame in enumerate(frames):
    frame[1][1] += k
print(frames[-1][1][1], u[1][1])
USE
"""


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """What stores lists in arrays; each prints what the original prints, interpreted."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)

    def check(text):
        candidates, _ = proposals(text, tmp_path)
        original = execute(text, (), tmp_path)
        assert not original.raised, original.message
        for one in candidates:
            assert execute(rewritten(one), (), tmp_path).essence == original.essence, rewritten(one)
        return [rewritten(one) for one in candidates if "u stored in arrays" in one.title]

    return check


@pytest.mark.parametrize("line", ["u", "copy.deepcopy(u)", "[row[:] for row in u]"])
def test_what_is_kept_in_a_list_is_an_array(texts, line):
    (text, *_) = texts(HELD.replace("LINE", line).replace("USE", ""))
    assert "np.array([[math.sin(" in text and "frames = []" in text


@pytest.mark.parametrize(
    "use", ["print(frames)", "print(frames[1:])", "other = frames\nprint(other[0])", "frames[0] = frames[1]"]
)
def test_lists_stay_where_the_list_that_keeps_them_is_used_in_other_ways(texts, use):
    assert not texts(HELD.replace("LINE", "u").replace("USE", use))


def test_an_object_keeps_arrays(texts):
    (text, *_) = texts("""
class Rod:
    def __init__(self, n):
        self.u = [0.1 * i * i for i in range(n)]
        self.history = [self.u]

    def run(self, steps):
        for k in range(steps):
            new = self.u[:]
            for i in range(1, len(new) - 1):  # hot
                new[i] += 0.25 * (self.u[i - 1] - 2.0 * self.u[i] + self.u[i + 1])
            self.u = new
            self.history.append(self.u)

rod = Rod(7)
rod.run(5)
rod.u[3] = 0.5
print([row[3] for row in rod.history], len(rod.history))
""")
    assert "self.history.append(self.u)" in text
