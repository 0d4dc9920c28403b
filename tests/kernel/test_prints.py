"""Loops that print text and numbers are compiled; what Numba would print otherwise stays outside."""

import pytest

SWEEP = """
import numpy as np

n, limit = 5, 0.5
u = np.linspace(-0.3, 1, n * n).reshape(n, n)
counts = np.arange(n)
for step in range(3):
    largest = {first}
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
            if u[i, j] > limit:
                {said}
            largest = max(largest, u[i, j])
print(largest)
"""


@pytest.mark.parametrize(
    ("said", "compiled"),
    [
        ('print("cell é", i, j, "is", u[i, j])', 'print("cell é", i, j, "is", u[i, j])'),
        ('print(f"cell {i} {j}")', 'print("cell", i, j)'),
        ('print(f" at {i} ,  {j} step {step} ok")', 'print(" at", i, ", ", j, "step"'),
        ('print(f"large at {i}", counts[i], f"in {step} of  {n}")', 'print("large at", i, counts[i], "in", '),
        ("print()", "print()"),
    ],
)
def test_text_and_numbers_are_printed_by_the_kernel(same_output, said, compiled):
    done = same_output(SWEEP.format(first="0.0", said=said))
    assert compiled in done.text.partition("\nn, limit = ")[0]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("0.0", 'print(f"{u[i, j]:.3e}")'),
        ("0.0", 'print(i, j, sep=",")'),
        ("0.0", 'print(f"{i}{j}")'),
        ("0.0", 'print(f"step {step}: ok")'),
        ("0", "print(largest)"),
        ("0.0", "print(u[i])"),
    ],
)
def test_what_numba_prints_otherwise_is_left_to_python(rewrite, first, said):
    done = rewrite(SWEEP.format(first=first, said=said))
    assert not any("print(" in c.patches[0].after.partition("\nn, limit = ")[0] for c in done.candidates)


def test_a_limit_of_another_type_is_printed_as_it_is(same_for):
    same_for(
        """
import sys
import numpy as np

def count(u, limit):
    found = 0
    for i in range(len(u)):  # hot
        if u[i] > limit:
            found += 1
            print("above", limit)
    return found

limit = 0.5 if len(sys.argv) < 2 else int(sys.argv[1])
u = np.linspace(0, 3, 7)
for k in range(3):
    print(count(u, limit))
""",
        "1",
        "2",
    )


def test_an_assertion_inside_a_nest_is_compiled_where_nobody_catches_it(same_output, rewrite):
    done = same_output("""
import numpy as np

u = np.linspace(0, 1, 12)
try:
    for step in range(4):
        for i in range(1, 11):  # hot
            u[i] = 0.5 * (u[i - 1] + u[i + 1])
            assert not np.isnan(u[i]), "diverged"
        print(step, f"{u[5]:.3f}")
except KeyboardInterrupt:
    print("stopped", u)
""")
    assert "assert not np.isnan(u[i])" in done.text.partition("u = np.linspace")[0]


def test_an_assertion_that_is_caught_stays_where_it_is(rewrite):
    done = rewrite("""
import numpy as np

u = np.linspace(0, 1, 12)
last = 0
try:
    for i in range(1, 11):  # hot
        u[i] = 0.5 * (u[i - 1] + u[i + 1])
        last = i
        assert u[i] < 0.7
except Exception:
    print("stopped", last)
""")
    assert not done.candidates
