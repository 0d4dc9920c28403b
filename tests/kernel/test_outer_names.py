"""Functions that bind variables outside of themselves: ``global u, t``, ``nonlocal calls``."""

import re

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

STEPS = """
import numpy as np

n = 8
u = np.zeros(n)
v = np.ones(n)
t = 0.0
count = 0
seen = []

def step(dt):
    global u, v, t, count
    for i in range(1, n - 1):
        v[i] = u[i] + dt * (u[i - 1] - u[i + 1]) + dt * t
    u, v = v, u
    t += dt
    count += 1

def largest():
    return max(abs(u[i]) for i in range(n))
"""
AT_TOP_LEVEL = """
while t < 1.0:  # hot
    step(0.0625)
    if count % 4 == 0:
        seen.append(largest())
        print(count, t, seen[-1])
print(u, v, t, count)
"""
IN_MAIN = '''
def main():
    """Many steps."""
    while t < 1.0:  # hot
        step(0.0625)
    return largest()

print(main(), u, v, t, count)
'''
NESTED = """
import numpy as np

def face(a):
    return a / 2.0

def solve(flux, n):
    u = np.linspace(0.0, 1.0, n) ** 2
    limited = 0
    mass = 0.0

    def slope(i):
        nonlocal limited
        a, b = u[i] - u[i - 1], u[i + 1] - u[i]
        if a * b <= 0:
            limited += 1
            return 0.0
        return min(a, b)

    def advance():
        nonlocal u, mass
        new = u.copy()
        for i in range(2, n - 2):
            new[i] = u[i] - (flux(u[i] + slope(i)) - flux(u[i - 1] + slope(i - 1))) / (1.0 + flux(u[i]))
        u = new
        mass = float(u.sum())

    for k in range(5):  # hot
        advance()
    return u, mass, limited

print(solve(face, 12), solve(face, 3), solve(lambda a: a * a, 9))
"""
DRAWS = """
import math

class Lehmer:
    def __init__(self, seed):
        self.state = seed
        self.count = 0

    def next(self):
        self.state = (16807 * self.state) % 2147483647
        self.count += 1
        return self.state / 2147483647

rng, other = Lehmer(7), Lehmer(9)
x, hits = 0.0, 0
for k in range(50):  # hot
    x += 2.0 * math.log(rng.next() + 1.0) - 1.0 / (1.0 + other.next()) + max(other.next(), rng.next())
    if other.next() < 0.5:
        hits += int(3 * rng.next())
    else:
        x -= abs(rng.next() - 0.25)
print(x, hits, rng.state, rng.count, other.state, other.count)
"""


def run(text, tmp_path, monkeypatch):
    """The first candidate, with every one compared with the original."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    candidates, refusals = proposals(text, tmp_path)
    original = execute(text, (), tmp_path)
    assert not original.raised, original.message
    for one in candidates:
        assert execute(rewritten(one), (), tmp_path).essence == original.essence, rewritten(one)
    return rewritten(candidates[0]) if candidates else "", [one.reason for one in refusals]


@pytest.mark.parametrize("text", [STEPS + AT_TOP_LEVEL, STEPS + IN_MAIN, NESTED, DRAWS])
def test_the_loop_of_the_steps_is_compiled(text, tmp_path, monkeypatch):
    after, refused = run(text, tmp_path, monkeypatch)
    kernel = after[after.rindex("@njit") :] if "@njit" in after else ""
    assert re.search(r"\n    (while|for) .*\n {8}.* = (step|advance|next)_kernel\(", kernel), (after, refused)


def test_a_function_says_that_it_binds_the_variables_now(tmp_path, monkeypatch):
    after, _ = run(STEPS + IN_MAIN, tmp_path, monkeypatch)
    assert '    """Many steps."""\n    global ' in after


def test_a_value_that_the_call_changes_is_looked_at_before_it(tmp_path, monkeypatch):
    text = """
    total = 0

    def add(x):
        global total
        total += x
        return 2 * x

    for k in range(5):  # hot
        y = total + add(k)
        z = add(1) + total
        print(y, z)
    """.replace("\n    ", "\n")
    _, refused = run(text, tmp_path, monkeypatch)
    assert any("within an expression" in reason for reason in refused)


def test_what_runs_at_times_only_is_called_before_only_then(tmp_path, monkeypatch):
    text = """
    count = 0
    x = 0.0

    def ask():
        global count
        count += 1
        return count % 3

    for k in range(20):  # hot
        if k % 2 == 0 and ask() > 0:
            x += 1.0
        x += ask() if k > 3 else 0.5
    print(x, count)
    """.replace("\n    ", "\n")
    after, _ = run(text, tmp_path, monkeypatch)
    for condition in ("k % 2 == 0", "k > 3"):
        assert re.search(rf"if {re.escape(condition)}:\n +\w+, count = ask_kernel\(count\)\n", after), after


def test_a_size_that_a_step_changes(tmp_path, monkeypatch):
    text = """
    import numpy as np

    u = np.ones(3)
    size = 3

    def grow():
        global u, size
        new = np.zeros(size + 1)
        for i in range(size):
            new[i] = u[i] + i
        u = new
        size += 1

    def total():
        s = 0.0
        for i in range(size):
            s += u[i] * (i + 1)
        return s

    for step in range(4):  # hot
        grow()
        t = total()
    print(u, size, t)
    """.replace("\n    ", "\n")
    after, refused = run(text, tmp_path, monkeypatch)
    assert "njit" in after, refused


def test_what_is_lost_with_an_error_that_is_caught(tmp_path, monkeypatch):
    text = """
    count = 0

    def step(x):
        global count
        count += 1
        if x > 2:
            raise ValueError("too large")

    def run():
        for k in range(9):  # hot
            step(k)

    try:
        run()
    except ValueError:
        print(count)
    """.replace("\n    ", "\n")
    run(text, tmp_path, monkeypatch)


def test_calls_that_are_made_at_times_only(tmp_path, monkeypatch):
    text = """
    import math
    import numpy as np

    def make_random(seed):
        state = seed
        def draw():
            nonlocal state
            state = (state * 25173 + 13849) % 65536
            return state / 65536
        return draw

    class Counter:
        def __init__(self):
            self.calls = 0
        def ask(self, x):
            self.calls += 1
            return x * self.calls % 3

    draw = make_random(7)
    counter = Counter()
    spin = np.ones(9)
    taken = 0
    for k in range(200):  # hot
        i = int(draw() * 9)
        d = 2.0 * spin[i] * spin[(i + 1) % 9]
        if d <= 0:
            spin[i] = -spin[i]
        elif d > 3.0:
            taken += 100
        elif draw() > 0.125 and draw() < math.exp(-0.5 * d):
            spin[i] = -spin[i]
            taken += 1
        else:
            if k % 3 == 0 or d < -9.0 or counter.ask(k) == 2 or draw() < 0.25:
                taken += 5
        x = draw() if spin[i] > 0 else 0.5
        taken += 2 if not (d < 0 or draw() < x) else 0
    print(spin, taken, counter.calls, draw())
    """.replace("\n    ", "\n")
    after, refused = run(text, tmp_path, monkeypatch)
    assert "njit" in after and not re.search(r"^for k", after, re.MULTILINE), refused


@pytest.mark.parametrize(
    "branch",
    [
        "if len(seen) > 3 and seen[k % 4] > 0 and draw() < 0.5:",
        "if count % 2 == 0 and ask() > 3:",
        "if k % 3 == 0 and ask() > count:",
        "if largest(seen) > 3 or ask() > 3:",
    ],
)
def test_a_call_made_at_times_whose_conditions_it_changes(branch, tmp_path, monkeypatch):
    text = f"""
    import numpy as np

    count, total = 0, 0
    seen = np.arange(4.0)

    def ask():
        global count
        count += 1
        seen[count % 4] = count
        return count % 7

    def draw():
        global count
        count += 3
        return count % 5 / 5

    def largest(a):
        return max(a[i] for i in range(4))

    for k in range(40):  # hot
        {branch}
            total += k
    print(total, count, seen)
    """.replace("\n    ", "\n")
    run(text, tmp_path, monkeypatch)
