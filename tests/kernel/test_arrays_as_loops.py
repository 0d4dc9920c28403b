"""Arrays of comprehensions in compiled functions, filled by the loops that they mean."""

import numpy as np
import pytest

from pdeperf.kernel.arrays_as_loops import with_arrays_as_loops

F = "dtype=np.float64"
CASES = {
    f"u = np.array([0.0] + [u[k] + u[k - 1] for k in range(1, n - 1)] + [v[0], 2.0], {F})": (
        "u_new = np.empty(3 + len(range(1, n - 1)))\n"
        "u_new[0] = 0.0\n"
        "for k in range(1, n - 1):\n"
        "    u_new[k] = u[k] + u[k - 1]\n"
        "u_new[-2] = v[0]\n"
        "u_new[-1] = 2.0\n"
        "u = u_new"
    ),
    "r = np.array([k * k for k in range(n)], dtype=np.int64)": (
        "r = np.empty(max(n, 0), dtype=np.int64)\nfor k in range(n):\n    r[k] = k * k"
    ),
    f"return np.array([b - a for a, b in zip(u, v[1:])] + [1.0] * n + [k + 0.5 for k in range(n, 6)], {F})": (
        "made = np.empty(min(len(u), len(v[1:])) + max(n, 0) + len(range(n, 6)))\n"
        "for at in range(min(len(u), len(v[1:]))):\n"
        "    a, b = u[at], v[at + 1]\n"
        "    made[at] = b - a\n"
        "for k_2 in range(max(n, 0)):\n"
        "    made[k_2 + min(len(u), len(v[1:]))] = 1.0\n"
        "at_2 = min(len(u), len(v[1:])) + max(n, 0)\n"
        "for k in range(n, 6):\n"
        "    made[at_2] = k + 0.5\n"
        "    at_2 += 1\n"
        "return made"
    ),
    f"r = np.array([[1.0] + [u[k] * j for j in range(2, n)] for k in range(len(u))], {F})": (
        "r = np.empty((len(u), 1 + len(range(2, n))))\n"
        "for k in range(len(u)):\n"
        "    r[k, 0] = 1.0\n"
        "    for j in range(2, n):\n"
        "        r[k, j - 1] = u[k] * j"
    ),
    f"r = np.array([0.0] + [j * x for j, x in enumerate(u)] + [y for y in v[n:]], {F})": (
        "r = np.empty(1 + len(u) + len(v[n:]))\n"
        "r[0] = 0.0\n"
        "for at in range(len(u)):\n"
        "    j, x = at, u[at]\n"
        "    r[at + 1] = j * x\n"
        "at_2 = 1 + len(u)\n"
        "for y in v[n:]:\n"
        "    r[at_2] = y\n"
        "    at_2 += 1"
    ),
    # A variable that means something else keeps its value.
    f"k = 3\nr = np.array([u[k] for k in range(k, n)] + [k], {F})": (
        "k = 3\n"
        "r = np.empty(1 + len(range(k, n)))\n"
        "at = 0\n"
        "for k_2 in range(k, n):\n"
        "    r[at] = u[k_2]\n"
        "    at += 1\n"
        "r[-1] = k"
    ),
    # What has no length that is known, rows of several lengths and copies stay.
    f"r = np.array([x for x in u if x > 0], {F})": None,
    f"r = np.array([[k + j for j in range(2 + 0 * k)] for k in range(n)], {F})": None,
    f"r = np.array([[k + 0.5 for k in range(n)] for k in range(n)], {F})": None,
    f"r = np.array([0.0, 1.0], {F})": None,
    "r = np.array([x for x in u])": None,
    f"r = np.array([x for x in reversed(u)], {F})": None,
}


@pytest.mark.parametrize("text", CASES)
def test_a_loop_fills_an_array(text):
    def function(body):
        rows = ["r = u", *body.splitlines(), *([] if "return" in body else ["return u, r"])]
        return "def f(u, v, n):\n" + "".join(f"    {row}\n" for row in rows)

    head = function(text)
    wanted = function(CASES[text] if CASES[text] is not None else text)
    made = with_arrays_as_loops({"f": head}, "np")["f"]
    assert made == wanted
    for size in (-1, 0, 1, 3, 5):
        results = []
        for source in (head, made):
            names = {"np": np}
            exec(source, names)
            returned = names["f"](np.arange(5.0), np.linspace(2.0, 3.0, 4), size)
            results.append(returned if isinstance(returned, tuple) else (returned,))
        for one, other in zip(*results, strict=True):
            assert np.array_equal(one, other) and one.dtype == other.dtype
