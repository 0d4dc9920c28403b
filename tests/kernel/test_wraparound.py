"""Bounds from which the compiler sees that no index wraps; the loops run the same iterations."""

import pytest

from pdeperf.kernel.wraparound import without_wraparound

STENCIL = """def update(u, un, n, m):
    for i in range(2, n - 2):
        for j in range(2, m - 2):  # fourth order
            un[i, j] = u[i, j - 2] + u[i + 2, j]
"""


def test_a_stop_is_no_less_than_its_start_where_an_index_looks_back():
    after = without_wraparound(STENCIL)
    assert "for i in range(2, n - 2):" in after
    assert "for j in range(2, max(2, m - 2)):  # fourth order" in after
    assert without_wraparound(after) == after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("range(2, m - 2)", "range(1, m - 2)"),
        ("range(2, m - 2)", "range(2, i - 2)"),
        ("range(2, m - 2)", "range(2, m - 2, 2)"),
        ("range(2, m - 2)", "range(2, 40)"),
        ("u[i, j - 2]", "u[i, j + 2]"),
        ("n, m)", "n, m, max)"),
    ],
)
def test_other_loops_stay_as_they_are(old, new):
    text = STENCIL.replace(old, new, 1)
    assert without_wraparound(text) == text


@pytest.mark.parametrize("size", range(7))
def test_the_iterations_are_the_same(size):
    def turns(text):
        seen = []

        class Grid:
            def __getitem__(self, at):
                return 0

            def __setitem__(self, at, value):
                seen.append(at)

        space = {}
        exec(text, space)
        space["update"](Grid(), Grid(), size, size)
        return seen

    assert turns(STENCIL) == turns(without_wraparound(STENCIL))


@pytest.mark.parametrize(
    ("head", "stop"),
    [
        ("import numpy as np", "max(2, n - 2)"),
        ("from numpy import *\nimport numpy as np", "n - 2"),
        ("import numpy as np\ndef max(a, b):\n    return b", "n - 2"),
    ],
)
def test_only_pythons_own_maximum_is_used(same_output, head, stop):
    done = same_output(f"""
{head}
n = 30
u = np.sin(np.arange(n) * 0.3)
for step in range(4):
    w = u.copy()
    for i in range(2, n - 2):  # hot
        w[i] = u[i] + 0.01 * (u[i - 2] - 2 * u[i] + u[i + 2])
    u = w
print(u.tolist())
""")
    assert f"for i in range(2, {stop}):" in done.text.split("n = 30")[0]
