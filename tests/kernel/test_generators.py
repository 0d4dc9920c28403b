"""Loops over the user's generators, ``for i, j in interior(n)``: the generators' loops in place of them."""

import numba
import pytest

from pdeperf.kernel.generators_in_place import in_place
from pdeperf.model import Span
from pdeperf.source import Project
from tests.kernel.in_process import difference, execute

PLACED = {
    "two counters, read in the loop alone": """
def cells(n, m):
    '''All of them.'''
    for i in range(n):
        # a row
        for j in range(m):
            yield i, j
def run(n):
    s = []
    for i, j in cells(n, 3):  # hot
        # the user's note
        if (i + j) % 2:
            continue
        s.append(10 * i + j)
    for i in range(2):
        s.append(i)
    return s
print(run(4))
""",
    "counters in the other order, a default, a word": """
def cells(n, first=1, step=2):
    for i in range(first, n, step):
        for j in range(i):
            yield i, j
def run(n):
    s = []
    for j, i in cells(step=1, n=n):  # hot
        s.append((i, j))
    return s
print(run(5))
""",
    "the variable is read afterwards, and the generator goes on after it": """
def times(dt, end):
    t = 0.0
    while t < end:
        yield t
        t += dt
def run():
    for t in times(0.25, 1.0):  # hot
        print(t)
    print("last", t)
run()
""",
    "names of both meet": """
def pairs(n):
    s = 0
    for i in range(n):
        s += i
        yield i, s
s = 100
for k, total in pairs(4):  # hot
    for i in range(2):
        s += total + i * k
print(s, k, total, i)
""",
    "a return in its last loop, and a break of the user's": """
def halves(x):
    while True:
        x = x / 2
        if x < 0.01:
            return
        yield x
def run(x, stop):
    for y in halves(x):  # hot
        if y < stop:
            break
        print(x, y)
    return x
print(run(1.0, 0.1), run(1.0, 0.0))
""",
    "what it is given is changed in the loop": """
def upto(n):
    for i in range(3):
        if i < n:
            yield i + n
def run(n):
    for i in upto(n):  # hot
        n += 5
        print(i, n)
run(2)
""",
    "several yields, a generator over a generator": """
def ends(n):
    yield 0
    yield n - 1
def sides(n):
    for at in ends(n):
        for j in range(2):
            yield at, j
def run(n):
    for i, j in sides(n):  # hot
        print(i, j)
run(5)
""",
    "a method": """
class Grid:
    def __init__(self, n):
        self.n = n
    def interior(self):
        for i in range(1, self.n - 1):
            yield i
class Solver(Grid):
    def run(self):
        s = 0
        for i in self.interior():  # hot
            s += i
            if i == 2:
                self.n = 9
        return s
print(Solver(6).run())
""",
    "a function reads the variable later": """
def counts(n):
    for i in range(n):
        yield i
def run():
    later = []
    for k in counts(3):  # hot
        later.append(lambda: k)
    return [one() for one in later]
print(run())
""",
    "directions that are chosen": """
def sweeps(n):
    for up in (True, False):
        yield range(n) if up else reversed(range(n))
def run(n):
    for order in sweeps(n):  # hot
        for i in order:
            print(i)
run(4)
""",
}
KEPT = {
    "a finally": """
def cells(n):
    try:
        for i in range(n):
            yield i
    finally:
        print("closed")
for i in cells(3):  # hot
    if i == 1:
        break
""",
    "continue before the generator has gone on": """
def times():
    t = 0
    while t < 4:
        yield t
        t += 1
for t in times():  # hot
    if t == 2:
        continue
    print(t)
""",
    "break out of one of two loops": """
def cells(n):
    for i in range(n):
        for j in range(n):
            yield i, j
for i, j in cells(3):  # hot
    if j == 1:
        break
    print(i, j)
""",
    "what is sent": """
def cells(n):
    for i in range(n):
        x = yield i
for i in cells(3):  # hot
    print(i)
""",
    "another function of the name": """
def cells(n):
    for i in range(n):
        yield i
def run(cells):
    for i in cells(3):  # hot
        print(i)
run(lambda n: [7, 8])
""",
    "a class that overrides it": """
class Grid:
    def interior(self):
        for i in range(3):
            yield i
    def run(self):
        for i in self.interior():  # hot
            print(i)
class Other(Grid):
    def interior(self):
        for i in range(2):
            yield -i
Other().run()
""",
    "a global that is a local name there": """
n = 3
def cells():
    for i in range(n):
        yield i
def run():
    n = 5
    for i in cells():  # hot
        print(i, n)
run()
""",
    "a private attribute of a base class": """
class Grid:
    def __init__(self):
        self.__n = 3
    def interior(self):
        for i in range(self.__n):
            yield i
class Other(Grid):
    def run(self):
        for i in self.interior():  # hot
            print(i)
Other().run()
""",
    "an iterator that ends inside": """
def cells(n):
    source = iter(range(n))
    while True:
        yield next(source)
def run():
    try:
        for i in cells(3):  # hot
            print(i)
    except RuntimeError:
        print("ended")
run()
""",
}
SWEEPS = """
import math
import numpy as np

def orderings(n, m):
    for sx in (1, -1):
        for sy in (1, -1):
            yield range(n) if sx == 1 else reversed(range(n)), sy

def cells(m, rows, sy):
    for i in rows:
        if sy == 1:
            for j in range(m):
                yield i, j
        else:
            for j in reversed(range(m)):
                yield i, j

def solve(u, h):
    n, m = u.shape
    worst = 0.0
    for order, sy in orderings(n, m):
        for i, j in cells(m, order, sy):  # hot
            a = min(u[max(i - 1, 0), j], u[min(i + 1, n - 1), j])
            b = min(u[i, max(j - 1, 0)], u[i, min(j + 1, m - 1)])
            new = min(u[i, j], min(a, b) + h)
            worst = max(worst, u[i, j] - new)
            u[i, j] = new
    return worst

u = np.full((9, 7), 50.0)
u[2, 3] = 0.0
for k in range(2):
    print(k, solve(u, 0.5), u.sum())
"""


def _placed(text):
    project = Project.from_texts({"script.py": text})
    line = next(at for at, row in enumerate(text.splitlines(), 1) if "# hot" in row)
    return in_place(Span(file="script.py", first=line, last=line), project)


@pytest.mark.parametrize("text", PLACED.values(), ids=PLACED)
def test_the_loops_of_a_generator_mean_the_same_in_place_of_the_loop_over_it(text, tmp_path):
    placed = _placed(text)
    assert placed is not None
    fresh = placed.project["script.py"].text
    assert "for " + text.split("# hot")[0].rpartition("for ")[2].strip() not in fresh
    assert execute(fresh, (), tmp_path) == execute(text, (), tmp_path)


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_a_generator_stays_where_its_loops_would_mean_something_else(text):
    assert _placed(text) is None


def test_sweeps_over_generators_are_compiled_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    assert difference(SWEEPS, (), tmp_path) == ("same", "")


def test_comments_stay_where_loops_are_moved():
    fresh = _placed(PLACED["two counters, read in the loop alone"]).project["script.py"].text
    assert "# a row" in fresh.partition("def run")[2] and "# the user's note" in fresh
