"""Wrong versions whose fault is hard to see: in the loop that chaos hides, in words, in the last of many."""

import ast
from collections.abc import Callable

import pytest

from pdeperf.guest.branches import Branches

MAP = "f = 3.9 * y * (1 - y)\n{0}y = 0.8 * f + 0.1 * (np.roll(f, 1) + np.roll(f, -1))\n"
LOOP = f"for step in range(200):\n    {MAP.format('    ')}"
SMOOTHED_FIRST = f"""
import numpy as np
y = 0.4 + 0.3 * np.sin(np.arange(20.0))
for k in range(6):
    y = 0.5 * y + 0.25 * (np.roll(y, 1) + np.roll(y, -1))
{LOOP}"""
HIDDEN = (
    f"def run(y):\n    for step in range(200):\n        {MAP.format('        ')}    return y\ny = run(y)\n"
)
FORGOTTEN = ("f", "step", "loop y")


def agrees(trial) -> bool:
    return bool(trial.differences) and not trial.failure and all(one.within for one in trial.differences)


def test_a_loop_that_is_shown_does_not_stand_for_another_that_chaos_hides(bench: Callable) -> None:
    script = bench(SMOOTHED_FIRST)
    hidden = SMOOTHED_FIRST.replace(LOOP, HIDDEN.replace("3.9 * y * (1 - y)", "(1 - y) * y * 3.9"))
    assert agrees(script.trial(hidden, forgets=FORGOTTEN))
    assert not agrees(script.trial(hidden.replace("* 3.9", "* 3.91"), forgets=FORGOTTEN))
    elsewhere = hidden.replace("* 3.9", "* 3.91").replace(
        "for step in range(200)", "for s in range(0, 400, 2)"
    )
    assert not agrees(script.trial(elsewhere, forgets=FORGOTTEN))


def test_a_chaotic_function_that_is_called_again_and_again_is_cut_each_time(bench: Callable) -> None:
    source = SMOOTHED_FIRST.replace(LOOP, HIDDEN + "y = run(0.5 * y)\n")
    script = bench(source)
    right = source.replace("3.9 * y * (1 - y)", "(1 - y) * y * 3.9")
    assert agrees(script.trial(right))
    inner = right.replace("def run(y):\n", "def run(y):\n    return again(y)\ndef again(y):\n")
    assert agrees(script.trial(inner, forgets=("run():f", "run():step", "run():y", "loop y")))
    assert not agrees(
        script.trial(inner.replace("* 3.9", "* 3.91"), forgets=("run():f", "run():step", "run():y", "loop y"))
    )


def test_a_branch_that_is_first_taken_where_chaos_hides_it_is_not_taken_for_right(bench: Callable) -> None:
    source = SMOOTHED_FIRST + "    if step == 150:\n        y = 0.5 * y\n"
    script = bench(source)
    assert agrees(script.trial(source.replace("3.9 * y * (1 - y)", "(1 - y) * y * 3.9")))
    assert not agrees(script.trial(source.replace("y = 0.5 * y\n", "pass\n")))
    assert not agrees(script.trial(source.replace("        y = 0.5 * y\n", "        y = 0.4 * y\n")))
    early = source.replace("3.9 * y * (1 - y)", "(1 - y) * y * 3.9").replace("step == 150", "step == 149")
    assert not agrees(script.trial(early))


RELAXED = """
import numpy as np
def solve(n, tol):
    u = np.zeros((n, n))
    u[0, :] = 1.0
    err = 1.0
    while err > tol:
        un = u.copy()
        u[1:-1, 1:-1] = 0.25 * (un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2])
        err = np.abs(u - un).max()
    return u
u = solve(24, 1e-4)
"""


@pytest.fixture(scope="module")
def relaxed(bench: Callable) -> object:
    return bench(RELAXED)


@pytest.mark.parametrize("wrong", ["return u * (1 + 1e-5)", "u[7, 9] *= 1 + 1e-5\n    return u"])
def test_a_tolerance_excuses_nothing_where_no_solver_was_put_in_its_place(relaxed, wrong: str) -> None:
    forgets = ("solve():u", "solve():un", "solve():err", "loop u", "loop err")
    other = RELAXED.replace("while err > tol", "while not err <= tol")
    assert not agrees(relaxed.trial(other.replace("return u", wrong), forgets=forgets))


def test_another_order_of_addition_is_right_where_a_tolerance_is_asked_for(relaxed) -> None:
    forgets = ("solve():u", "solve():un", "solve():err", "loop u", "loop err")
    other = RELAXED.replace("while err > tol", "while not err <= tol")
    turned = other.replace("un[2:, 1:-1] + un[:-2, 1:-1]", "un[:-2, 1:-1] + un[2:, 1:-1]")
    assert agrees(relaxed.trial(turned, forgets=forgets))


WORDS = """
import numpy as np
u = np.sin(np.linspace(0, 3, 60))
for k in range(20):
    u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    print("step", k)
    print("stable:", bool(u.max() < 2))
with open("u.pkl", "wb") as out:
    out.write(b"u" + u.tobytes())
"""


@pytest.fixture(scope="module")
def words(bench: Callable) -> object:
    return bench(WORDS)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("u.max() < 2", "u.max() > 2"),
        ('    print("step", k)\n    print("stable:", bool(u.max() < 2))\n',
         '    print("stable:", bool(u.max() < 2))\n    print("step", k)\n'),
        ('print("step", k)', 'print("step", k, end="\\n\\na\\n")'),
        ('with open("u.pkl", "wb") as out:\n    out.write(b"u" + u.tobytes())', "pass"),
    ],
)  # fmt: skip
def test_words_their_order_and_files_are_results(words, right: str, wrong: str) -> None:
    assert right in WORDS
    assert not agrees(words.trial(WORDS.replace(right, wrong)))


MANY = """
class Particle:
    count = 0.0
    def __init__(self, x):
        self.x, self.v = x, 0.0
parts = [Particle(0.01 * i) for i in range(500)]
log = []
for step in range(8):
    for p in parts:
        p.v += 0.01 * (1 - p.x)
        p.x += 0.01 * p.v
        Particle.count += 0.1 * p.x
    log += [{"t": step, "name": "a", "x": p.x} for p in parts]
"""


@pytest.fixture(scope="module")
def many(bench: Callable) -> object:
    return bench(MANY)


def test_many_objects_in_another_order_of_multiplication_agree(many) -> None:
    assert agrees(many.trial(MANY.replace("0.01 * (1 - p.x)", "(1 - p.x) * 0.01"), forgets=("p",)))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("for p in parts:\n        p.v", "for p in parts[:-1]:\n        p.v"),
        ("for p in parts:\n        p.v", "for p in parts[:333] + parts[334:]:\n        p.v"),
        ("    log += ", "    Particle.count = 0.0\n    log += "),
        ("p.x} for p in parts]", "p.x * (1 + 1e-6 * (step == 4))} for p in parts]"),
    ],
)
def test_no_object_of_many_is_overlooked(many, right: str, wrong: str) -> None:
    assert right in MANY
    assert not agrees(many.trial(MANY.replace(right, wrong, 1), forgets=("p",)))


def test_what_a_drawn_line_is_given_later_is_seen(bench: Callable) -> None:
    source = """
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        import numpy as np
        def main():
            u = np.sin(np.linspace(0, 3, 60))
            fig, ax = plt.subplots()
            line, = ax.plot(u)
            for k in range(30):
                u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
                line.set_ydata(u)
            fig.savefig("u.png")
            plt.close(fig)
            del u
        main()
        """
    stale = source.replace("line.set_ydata(u)", "line.set_ydata(u if k < 29 else 0.5 * u)")
    assert not agrees(bench(source).trial(stale))


def test_branches_of_compiled_classes_are_left_alone():
    source = """
from numba.experimental import jitclass
@jitclass([("n", "int64")])
class Grid:
    def is_large(self):
        if self.n > 1:
            return True
        return False
if True:
    x = 1
"""
    marked = ast.unparse(Branches("solver.py").visit(ast.parse(source)))
    assert marked.count("__pdeperf_took__") == 1
