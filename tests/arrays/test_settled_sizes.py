"""Sizes that are known before a region begins need not be asked when it does."""

import pytest

from tests.arrays.in_process import proposals, run
from tests.arrays.in_process import rewritten as without_cache

pytestmark = pytest.mark.usefixtures("interpreted")

LOOP = (
    "    for t in range(3):  # hot\n"
    "        v[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (u[2:nx, 1:-1] - u[0 : nx - 2, 1:-1])\n"
    "        u[1:-1, 1:-1] = v[1:-1, 1:-1] * 0.5\n"
)
CALL = "u = np.sin(np.arange(72) * 0.7).reshape(9, 8)\nmarch(u)\n"


def first_rewrite(body: str, tmp_path, *others: str) -> str:
    """The first candidate; it computes the same, in the script as it is and with other calls in it."""
    head = "import numpy as np\ndef march(u):\n"
    text = head + body + LOOP + CALL
    found = next(one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches"))
    for call in (CALL, *others):
        before = run(head + body + LOOP + call, (), tmp_path)
        after = run(without_cache(found).replace(CALL, call), (), tmp_path)
        assert after.raised == before.raised
        assert {name: repr(each) for name, each in before.values.items()} == {
            name: repr(after.values.get(name)) for name in before.values
        }
    return found.patches[0].after


def test_an_array_like_another_has_its_shape(tmp_path):
    text = first_rewrite(
        "    nx, ny = u.shape\n    v = np.zeros_like(u)\n",
        tmp_path,
        "u = np.ones((3, 3))\nmarch(u)\n",
        "u = np.ones((1, 4))\nmarch(u)\n",
    )
    assert "v.shape[0] ==" not in text
    assert "u.shape[0] ==" not in text


def test_a_number_that_is_bound_again_says_nothing(tmp_path):
    text = first_rewrite(
        "    nx, ny = u.shape\n    v = np.zeros((nx, ny))\n    nx = min(nx, 9)\n",
        tmp_path,
        "u = np.sin(np.arange(88) * 0.7).reshape(11, 8)\ntry:\n    march(u)\nexcept ValueError:\n    pass\n",
    )
    assert "== nx" in text or "nx ==" in text


def test_an_array_that_is_bound_again_says_nothing(tmp_path):
    text = first_rewrite("    nx = u.shape[0]\n    v = np.zeros_like(u)\n    u = u.copy()\n", tmp_path)
    assert "v.shape[1] ==" in text or "u.shape[1] ==" in text
