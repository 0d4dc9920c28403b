"""Lists that are built by ``append`` at each step, and the functions around them."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

HEAD = """
import math
import sys

n = int(sys.argv[1]) if len(sys.argv) > 1 else 6
x0 = 0.75
u = [math.sin(i) for i in range(n)]
v = [0.25 * i for i in range(n)]
"""


@pytest.fixture
def alike(tmp_path, monkeypatch):
    """The first rewrite; each prints what the original prints, interpreted, for several sizes."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)

    def check(text):
        candidates, _ = proposals(HEAD + text, tmp_path)
        texts = [rewritten(one) for one in candidates]
        for argv in ((), ("2",), ("3",), ("9",)):
            original = execute(HEAD + text, argv, tmp_path)
            for fresh in texts:
                assert execute(fresh, argv, tmp_path).essence == original.essence, fresh
        return texts[0] if texts else ""

    return check


BUILDINGS = {
    "by index": (
        """\
new = []
for i in range(len(u)):
    new.append(0.5 * u[i] + v[i - 1])
""",
        "new[i] = 0.5 * u[i] + v[i - 1]",
    ),
    "with ends": (
        """\
new = [u[1]]
for i in range(1, n - 1):
    new.append(u[i] - u[i - 1])
new.append(x0)
new.append(u[-2])
""",
        "new[-2] = x0",
    ),
    "over lines": (
        """\
new = [0.0, 1.0]
for i in range(1, n):
    new.append(
        u[i]  # as it is
        + u[i - 1]
    )
""",
        "new[i + 1] = (",
    ),
    "in branches": (
        """\
new = []
for i in range(n):
    if i == 0:
        new.append(0.0)
    elif i > 2:
        new.append(u[i])
    else:
        y = u[i]
        new.append(y + 0.5 * u[i - 1])
""",
        "new = np.empty(max(n, 0))",
    ),
    "walked together": (
        """\
new = []
for a, b, c in zip(u, u[1:], v):
    new.append(a - 2 * b + c)
""",
        "new[new_count] = a - 2 * b + c",
    ),
    "numbered": (
        """\
new = [x0]
for j, a in enumerate(u):
    new.append(a * 0.5 + j)
for i in range(n, 2, -1):
    new.append(u[i - 1])
""",
        "new[j + 1] = a * 0.5 + j",
    ),
}
STAYING = {
    "some elements": """\
new = []
for i in range(n):
    if i != 1:
        new.append(u[i])
""",
    "looked at": """\
new = []
for i in range(n):
    new.append(u[i] + (new[-1] if new else 0.5))
""",
    "left": """\
new = []
for i in range(n):
    new.append(u[i])
    if i == 4: break
""",
    "two loops": """\
new = []
for i in range(n):
    for j in range(i):
        new.append(u[i])
""",
    "a range that changes": """\
m = n
new = []
for k in range(2):
    m = k + 1
for i in range(m):
    new.append(u[i])
""",
    "no numbers": """\
new = []
for i in range(n):
    new.append(i > 2)
""",
    "at one place": """\
new = []
for i in range(n):
    new.append(u[i])
if t > 1:
    new.append(0.5)
""",
}


@pytest.mark.parametrize("way", BUILDINGS)
def test_an_array_is_filled(alike, way):
    text, wanted = BUILDINGS[way]
    rows = "".join(f"    {row}\n" for row in text.splitlines())
    made = alike(f"for t in range(3):  # hot\n{rows}    u = new\nprint(u, len(new))\n")
    assert wanted in made and "new = np.empty(" in made, made


@pytest.mark.parametrize("why", STAYING)
def test_a_list_of_which_the_length_is_not_told_stays(alike, why):
    rows = "".join(f"    {row}\n" for row in STAYING[why].splitlines())
    made = alike(f"for t in range(3):  # hot\n{rows}    v[0] += sum(new)\nprint(u, float(sum(new)))\n")
    assert "new = np.empty(" not in made


def test_a_list_that_a_called_function_makes_longer_stays(alike):
    made = alike("""
def more(x):
    if len(u) < 12:
        u.append(0.5)
    return x

for t in range(3):  # hot
    new = []
    for i in range(len(u)):
        new.append(more(u[i]))
    v = new
print(u, v)
""")
    assert "new = np.empty(" not in made


def test_the_steps_of_an_integrator_are_compiled_through_its_functions(alike):
    made = alike("""
def rhs(u):
    d = []
    for i in range(len(u)):  # hot
        d.append(u[i - 1] - 2.0 * u[i] + u[(i + 1) % len(u)])
    return d

def moved(u, k, c):
    return [a + c * b for a, b in zip(u, k)]

def rk2(u, dt):
    k = rhs(u)
    return moved(u, rhs(moved(u, k, dt / 2)), dt)

names = []
for t in range(3):
    u = rk2(u, 0.1)
    names.append(f"{max(map(abs, u)):.6f}")
print(u, names)
""")
    assert "u = rk2_kernel(u, 0.1)" in made and "rhs_kernel(" in made, made


def test_a_new_counter_goes_into_a_kernel_in_a_function(alike):
    made = alike("""
def react(u, dt):
    new = [u[1]]
    for a, b, c in zip(u, u[1:], u[2:]):  # hot
        new.append(b + dt * (a - 2 * b + c))
    new.append(u[-2])
    return new

t = 0.0
while t < 0.5:
    u = react(u, 0.125)
    t += 0.125
print(u, t)
""")
    assert "react_kernel(u, 0.125)" in made


def test_a_list_that_a_called_function_looks_at_stays(alike):
    made = alike("""
def known():
    return 0.5 * len(new)

for t in range(3):  # hot
    new = []
    for i in range(n):
        new.append(u[i] + known())
    u = new
print(u)
""")
    assert "new = np.empty(" not in made
