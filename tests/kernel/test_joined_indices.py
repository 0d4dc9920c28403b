"""``u[i][j]`` in compiled functions, where ``u`` is an array."""

from pdeperf.kernel.joined_indices import with_joined_indices
from pdeperf.kernel.kinds import INT, Kind
from pdeperf.kernel.vector_shapes import Value

IMPORTS = "import numpy as np\nfrom numba import njit"


def array(ndim):
    return Value(Kind("array", "float64", ndim), (-1,) * ndim)


def joined(text, entries):
    return with_joined_indices(IMPORTS, {"kernel": text}, {"kernel": entries}, {})["kernel"]


def test_indices_of_an_element_are_joined():
    text = "def kernel(u, f, n):\n    for i in range(n):\n        u[i][n - 1] = f[i][0] [2] + u[-1][i]\n"
    made = joined(text, {"u": array(2), "f": array(3), "n": Value(INT)})
    assert "u[i, n - 1] = f[i, 0, 2] + u[-1, i]" in made


def test_what_may_be_no_number_is_left_as_it_is():
    text = """def kernel(u, f, rows, n, what):
    own = [[0.0] * n for _ in range(n)]
    for i in range(n):
        own[i][0] = u[1:][i] + u[rows][i] + u[what][i] + u[i > 2][0] + u[i][1:].sum() + f[i][0][0]
    return own
"""
    arrays = {"u": array(2), "f": array(2), "rows": Value(Kind("array", "int64", 1), (-1,))}
    made = joined(text, arrays | {"n": Value(INT)})
    assert made == text.replace("f[i][0][0]", "f[i, 0][0]") or made == text


def test_functions_that_are_called_have_theirs_joined_too():
    texts = {
        "lap": "def lap(a, i):\n    return a[i + 1][i] - a[i][i]\n",
        "kernel": "def kernel(u, n):\n    for i in range(n):\n        u[i][i] = lap(u, i)\n",
    }
    made = with_joined_indices(IMPORTS, texts, {"kernel": {"u": array(2), "n": Value(INT)}}, {})
    assert "a[i + 1, i] - a[i, i]" in made["lap"]
    assert "u[i, i] = lap(u, i)" in made["kernel"]
