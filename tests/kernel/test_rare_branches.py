"""Loops with a branch that is taken once in a while and that no kernel can hold."""

import pytest

from pdeperf.kernel.rare_branches import splits
from pdeperf.model import Span
from pdeperf.source import Project

STEPS = """
import sys
import numpy as np

nt = 0 if "none" in sys.argv else 7 if "few" in sys.argv else 45
u = np.linspace(0, 1, 12) ** 2
frames, change = [], 1.0
for n in range(nt):
    old = u.copy()
    for i in range(1, 11):  # hot
        u[i] = 0.5 * old[i] + 0.25 * (old[i - 1] + old[i + 1])
    change = 0.0
    for i in range(12):
        change = max(change, abs(u[i] - old[i]))
    # what is shown
    if n % 10 == 0:
        print(f"{n:4d} {change:.3e}")
        frames.append((n, u.copy()))
    if change < 2e-3:
        print("converged")
        break
print(len(frames), u.tolist(), change, {k: v.sum() for k, v in frames})
"""


def test_a_kernel_runs_to_the_step_at_which_a_branch_is_due(same_steps):
    made = same_steps(STEPS, "few", "none").text
    assert (
        "while n < nt - 1:\n    n, change = march_u(u, n, nt, change)\n    # what is shown\n    if n %"
        in made
    )
    assert "        if n % 10 == 0 or change < 2e-3:\n            break\n    return n, change" in made


def test_branches_first_and_last_and_counters_that_are_read_afterwards(same_steps):
    made = same_steps(
        """
import sys
import io
import numpy as np

def run(u, nt, every, tol, out):
    t = 0.0
    for step in range(2, nt):
        if step % every == 0:
            out.write(f"{step} {t:.2f} {u[3]:.6f}\\n")
            u[5] += 0.01
        largest = 0.0
        for i in range(1, 9):  # hot
            new = 0.5 * (u[i - 1] + u[i + 1])
            largest = max(largest, abs(new - u[i]))
            u[i] = new
        t += 0.1
        if largest < tol:
            out.write("done\\n")
            break
    return step, t, largest

out = io.StringIO()
u = np.linspace(0, 1, 10) ** 3
every = 3 if "often" in sys.argv else 8
print(run(u, 5 if "few" in sys.argv else 60, every, 0.02 if "loose" in sys.argv else 1e-9, out), u.tolist())
print(out.getvalue())
""",
        "often",
        "few",
        "loose",
    ).text
    assert "if largest < tol or (step + 1) % every == 0:" in made


def _text(loop: str, before: str = "") -> str:
    """The loop, split."""
    project = Project.from_texts({"script.py": before + loop})
    last = (before + loop).count("\n")
    found = next(splits(Span(file="script.py", first=last, last=last), project), None)
    return found.project["script.py"].text if found else ""


def test_a_while_loop_stands_in_itself():
    made = _text(
        "while t < t_end:  # in time\n    u, t = step(u, t)\n    n += 1\n"
        "    if n % 9 == 0:\n        print(f'{t}')\n"
    )
    assert made == (
        "while t < t_end:\n    while t < t_end:  # in time\n        u, t = step(u, t)\n        n += 1\n"
        "        if n % 9 == 0:\n            break\n    if n % 9 == 0:\n        print(f'{t}')\n"
    )
    assert "        if n % 9 == 0 or not t < t_end:\n            break\n" in _text(
        "while t < t_end:\n    if n % 9 == 0:\n        print(f'{t}')\n    u, t = step(u, t)\n    n += 1\n"
    )


def test_a_few_statements_after_the_branch_are_written_twice():
    made = _text(
        "for n in range(n0, len(u)):\n    t = step(u)\n    if t > 1:\n        log.append(t)\n    t_old = t\n",
        "t_old = 0\n",
    )
    assert made == (
        "t_old = 0\nstop = len(u)\nn = n0 - 1\ndue = False\nwhile n < stop - 1:\n"
        "    for n in range(n + 1, stop):\n"
        "        t = step(u)\n        due = t > 1\n        if due:\n            break\n        t_old = t\n"
        "    if due:\n        if t > 1:\n            log.append(t)\n        t_old = t\n"
    )


SAID = "    if n % 3 == 0:\n        print(f'{n}')\n"


@pytest.mark.parametrize(
    "body",
    [
        "    u = f(u)\n    if verbose:\n        print(f'{n}')\n",
        f"    if u > 2:\n        continue\n    u = f(u)\n{SAID}",
        f"    u = f(u)\n    if u > 2:\n        break\n    u = g(u)\n{SAID}",
        "    u = f(u)\n    if ask(n):\n        print(f'{n}')\n",
        f"    u = f(u)\n    n += 1\n{SAID}",
        "    if t[n] > 2:\n        print(f'{n}')\n    u = f(u)\n",
    ],
)
def test_what_could_be_taken_at_other_times_is_not_split(body):
    assert _text(f"for n in range(9):\n{body}") == ""
