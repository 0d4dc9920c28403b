"""Integers that a kernel is handed, and what becomes of them from call to call: asked, or kept out."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

HEAD = "import math\nimport sys\nimport numpy as np\nn = int(sys.argv[1]) if len(sys.argv) > 1 else 6\n"
LOOP = "m = n**5\nv = np.zeros(8)\nfor t in range(6):  # hot\n    for i in range(8):\n        v[i] += {}\n"
STEPS = "u = [1] * 5\ns = 1\nfor t in range(n):\n    s = f(u, s)\n    u[t % 5] += s\nprint(u, s)\n"


def texts(text, folder):
    """What the candidates make of a script."""
    candidates, _ = proposals(HEAD + text, folder)
    return [rewritten(one) for one in candidates]


@pytest.mark.parametrize(
    ("term", "condition"),
    [
        ("m * m", "-2147483648 < m < 2147483648"),
        ("m**2 * t", "-1073741824 < m < 1073741824"),
        ("m * 1000", "-2147483648 < m < 2147483648"),
        ("1.0 / m**4", "-32768 < m < 32768"),
    ],
)
def test_numbers_that_are_multiplied_must_be_small_when_they_are_handed_in(term, condition, tmp_path):
    for text in texts(LOOP.format(term), tmp_path):
        assert condition in text


@pytest.mark.parametrize(
    "term", ["i * t * 8 + i", "1.0 / (2 * i + 1)**4", "(m + 1) % 7", "m / 2", "v[(m * 0 * t)]"]
)
def test_counters_and_single_numbers_are_not_asked_for(term, tmp_path):
    found = texts(LOOP.format(term), tmp_path)
    assert found
    assert all("< m <" not in text and "< n <" not in text for text in found)


def test_a_power_of_a_counter_asks_how_far_it_counts(tmp_path):
    text = "v = np.zeros(8)\nfor t in range(n):  # hot\n    v[t % 8] += 1.0 / (2 * t + 1)**4\nprint(v)\n"
    (found, *_) = texts(text, tmp_path)
    assert "-16384 < n < 16384" in found
    text = text.replace("range(n)", "range(4 * 1500)")
    (found, *_) = texts(text, tmp_path)
    assert " < n < " not in found


def test_a_number_that_comes_back_larger_is_asked_for(tmp_path):
    text = "def f(u, s):\n    for i in range(5):  # hot\n        u[i] += s\n    return u[2]\n" + STEPS
    found = texts(text, tmp_path)
    assert found
    assert all("-2147483648 < s < 2147483648" in one for one in found)
    text = "def f(u, s):\n    for i in range(5):  # hot\n        s += u[i]\n    return s\n" + STEPS
    found = [one for one in texts(text, tmp_path) if "np.full" not in one]
    assert found
    assert all("-2147483648 < max(map(abs, u), default=0) < 2147483648" in one for one in found)


def test_a_function_that_makes_numbers_larger_turn_by_turn_is_not_called(tmp_path):
    head = "def g(x):\n    y = x\n    for k in range(2):\n        y = y {}\n    return y\n"
    text = (
        head
        + "u = [1] * 5\nfor t in range(n):  # hot\n    for i in range(5):\n        u[i] = g(u[i])\nprint(u)\n"
    )
    assert not texts(text.format("+ x"), tmp_path)
    assert texts(text.format("+ k"), tmp_path)


def test_attributes_that_make_each_other_larger_stay_out_of_one_kernel(tmp_path):
    text = """
class Sums:
    def __init__(self):
        self.a, self.b = 1, 1
        self.u = np.zeros(5)
    def step(self):
        for i in range(5):
            self.a += self.b
            self.u[i] += self.a / 1e9
    def other(self):
        self.b {}
sums = Sums()
for t in range(n):  # hot
    sums.step()
    sums.other()
print(sums.u, sums.a)
"""
    assert not texts(text.format("+= self.a"), tmp_path)
    assert texts(text.format("= 3"), tmp_path)


@pytest.mark.parametrize("value", ["2**61 + k", "1 << k", "4611686018427387904"])
def test_lists_of_large_integers_stay_lists(value, tmp_path):
    text = "w = [{} for k in range(5)]\nv = np.zeros(5)\nfor t in range(n):  # hot\n    for i in range(5):\n"
    text += "        v[i] += w[i]\nprint(v, w)\n"
    assert not any(
        "stored in arrays" in one.title for one in proposals(HEAD + text.format(value), tmp_path)[0]
    )
    assert any("stored in arrays" in one.title for one in proposals(HEAD + text.format("3 * k"), tmp_path)[0])


def test_what_grows_is_not_added_to_lists_that_become_arrays(tmp_path):
    text = "def f(u, k):\n    for i in range(5):  # hot\n        u[i] += k\nu = [1] * 5\nw = 1\n"
    text += "for t in range(n):\n    f(u, w)\n    w {}\nprint(u)\n"
    for change, is_array in (("*= 3", False), ("+= w", False), ("+= 2", True), ("= (w + 5) % 7", True)):
        found, _ = proposals(HEAD + text.format(change), tmp_path)
        assert any("stored in arrays" in one.title for one in found) is is_array


@pytest.mark.parametrize("call", ["int(x)", "math.floor(x)", "round(x * 1.5)", "int(np.floor(x))"])
def test_a_float_that_64_bits_do_not_hold_does_not_become_an_integer(call, tmp_path):
    text = (
        HEAD
        + f"u = [0] * 5\nx = 1.0\nfor t in range(n):  # hot\n    x *= 3.0\n    u[t % 5] = {call}\nprint(u)\n"
    )
    (candidate, *_), _ = proposals(text, tmp_path)
    fresh = rewritten(candidate)
    assert "too_large += not -9.2e18 <" in fresh
    assert execute(fresh, ("100",), tmp_path).raised == "OverflowError"
    assert execute(fresh, (), tmp_path) == execute(text, (), tmp_path)


def test_a_place_costs_no_look_at_its_size(tmp_path):
    text = "u, x = np.zeros(9), np.linspace(0.0, 7.0, 50)\nfor t in range(50):  # hot\n    k = int(x[t])\n"
    (found, *_) = texts(text + "    u[k] += 1.0\nprint(u)\n", tmp_path)
    assert "9.2e18" not in found
