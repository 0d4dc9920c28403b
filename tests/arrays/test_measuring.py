"""Functions that only measure let arrays take turns; others might keep what they are given."""

import pytest

from tests.arrays.test_lift import HEAD, check

pytestmark = pytest.mark.usefixtures("interpreted")

MEASURING = {
    "a sum": "def measured(a):\n    return np.sum(a**2)\n",
    "by another function": "def slope(a):\n    return a - np.roll(a, 1, axis=0)\n\n\n"
    "def measured(a, by=2.0):\n    d = slope(a)\n    e = by * d\n"
    "    if n > 3:\n        return float(np.sum(e))\n    return 0.0\n",
    "a copy": "def measured(a):\n    kept = a.copy()\n    return kept\n",
}
KEEPING = {
    "itself": "def measured(a):\n    return a\n",
    "a view": "def measured(a):\n    part = a[1:]\n    return part\n",
    "in a list": "seen = []\n\n\ndef measured(a):\n    seen.append(a)\n    return np.sum(a)\n",
    "in a tuple": "def measured(a):\n    return np.sum(a), a\n",
    "by another function": "def passed(a):\n    return a\n\n\ndef measured(a):\n    return passed(a)\n",
    "what it changes": "def measured(a):\n    np.multiply(a, 0.5, a)\n    return np.sum(a)\n",
    "what it changes in place": "def measured(a):\n    a *= 0.5\n    return a.sum()\n",
    "under a global name": "def measured(a):\n    global last\n    last = a\n    return a.sum()\n",
}
LOOP = "for t in range(6):  # hot\n    u = u + 0.1 * (np.roll(v, 1, axis=0) - u)\n    v = 0.9 * v + 0.1 * u\n"


@pytest.mark.parametrize("function", MEASURING.values(), ids=MEASURING.keys())
def test_arrays_take_turns_where_a_function_measures_them(function, tmp_path):
    after = check(f"{HEAD}\n\n{function}\n\n{LOOP}    log.append(measured(u))\nfirst = log[0]\n", tmp_path)
    made = after.partition("def update")[2].partition("\n\n\n")[0]
    assert "empty_like" not in made


@pytest.mark.parametrize("function", KEEPING.values(), ids=KEEPING.keys())
def test_arrays_are_made_anew_where_a_function_may_keep_them(function, tmp_path):
    after = check(f"{HEAD}\n\n{function}\n\n{LOOP}    log.append(measured(u))\nfirst = log[0]\n", tmp_path)
    made = after.partition("def update")[2].partition("\n\n\n")[0]
    assert "u_new = np.empty_like" in made
