"""What elements are asked before a loop goes on, sums beside matrices, and ranges that begin elsewhere."""

import numpy as np
import pytest
from rewriting import at_once, candidates, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import numpy as np
from scipy.sparse import lil_matrix
n, p = 6, 3
rng = np.random.default_rng(2)
u = rng.random(p * n + 4)
cells = [[k, k + 1, k + 3] for k in range(n)]
r = np.zeros(p * n + 4)
w = [2.5, 1.5, 0.5]
top = -9.0

class Model:
    def __init__(self):
        self.total = 0.0
        self.r = np.zeros(p * n + 4)
        self.limit = -1.0
    def volume(self, e):
        return u[e] + 1.0
    def fill(self):
        for e in range(n):  # of model
            v = self.volume(e)
            if v < self.limit:
                raise ValueError("inverted")
            self.total += v
            self.r[e] += v
model = Model()
def rooted(x):
    if x < 0:
        raise ValueError("negative")
    return np.sqrt(x)
known = rooted(4.0)
"""

SAME = {
    "a range of each": """
for e in range(n):  # LOOP
    d = np.arange(e * p, (e + 1) * p)
    r[d] += u[d] * 2
    l = list(range(p * e + 1, p * e + p))
    for a in range(2):
        r[l[a]] += u[l[a]]
""",
    "elements in pairs": """
for e in range(n):  # LOOP
    B = np.zeros((2, 4))
    for a in range(2):
        x, y = u[e + a], u[e]
        B[0, 2 * a], B[1, 2 * a + 1] = x, y
        B[1, 2 * a], B[0, 2 * a + 1] = y * 2, x * y
    r[e], r[e + n] = B[0].sum(), B[1, 2]
""",
    "asked on a condition": """
for e in range(n):  # LOOP
    if u[e] > 0.5:
        if u[e] > 3:
            raise ValueError(f"{e} is too large: {u[0]}")
        assert u[e] < 2, "larger than two"
        r[e] += u[e]
    assert r.size > e
    r[e + 1] += 1.0
""",
    "rows of neighbours": """
def near(e):
    found = [0]
    if e > 1:
        found.append(e - 1)
    return found
for e in range(n):  # LOOP
    for k in near(e):
        d = np.array([k, e + 1])
        r[d] += u[d] * 2.0
        top = max(top, u[k] * 3.0)
        r[e] += np.linalg.solve(np.array([[u[k] + 1.0, 0.5], [0.0, 2.0]]), np.array([1.0, u[e]]))[0]
""",
    "functions on conditions": """
def mean(a, b):
    return 2.0 * a * b / (a + b)
def root(e, x):
    if x < 0:
        raise ValueError(f"negative in {e}")
    return w[e % 3] * np.sqrt(x) + u[e]
for e in range(n):  # LOOP
    for step in (1, -1, 2):
        k = e + step
        if k < 0 or e == 3:
            continue
        r[e] += mean(u[e], 1.0 - (k == e)) + mean(k - 1.0, 0.0 * u[e] + (1.0 - k if e == 3 else 2.0))
        if e == 4:
            r[k] += root(e, u[e] + 1.0)
        else:
            r[k] += root(e, 1.0 + step * step)
""",
    "a range with a name": """
backwards = range(n, 0, -1)
for k in backwards:  # LOOP
    for q in backwards:
        r[2 * k] += u[q] / (k + q)
""",
    "lists of lists": """
for cell in cells:  # LOOP
    dofs = np.array([[2 * v, 2 * v + 1] for v in cell]).flatten()
    r[dofs] += 1.0
""",
}
OTHER = {
    "a range of other lengths": "d = np.arange(e, 2 * e)\n    r[d] += u[d]",
    "a range of fractions": "d = np.arange(u[e], u[e] + 3)\n    r[e] += d[0]",
    "a range in steps": "d = np.arange(e, e + 4, p)\n    r[d] += u[d]",
    "a swap": "B = np.ones(2)\n    B[0] = u[e]\n    B[0], B[1] = B[1], B[0]\n    r[e] = B[0]",
    "a swap through another name": (
        "B = np.ones(2)\n    c = B[1:]\n    B[0] = u[e]\n    B[1], B[0] = 3.0, c[0]\n    r[e] = B[0]"
    ),
    "a part bound on a condition": (
        "B = np.zeros((2, 2))\n    for q in range(2):\n        if u[e] > 0.5:\n            c = B[0]\n"
        "            B[0, q] = u[e]\n            r[e] += c[q]"
    ),
    "an error of a function that may be called for no element": "if e > n:\n        r[e] += rooted(-1.0)",
    "an error that looks at others": "if u[e] > 3:\n        raise ValueError(f'{r[e]}')\n    r[e] = 1.0",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_what_elements_are_asked_and_where_ranges_begin_is_the_same_at_once(tmp_path, text):
    text = HEAD + text

    found = at_once(text, tmp_path)

    was, now = run(text, tmp_path)[0], run(found, tmp_path)[0]
    np.testing.assert_allclose([*now["r"], now["top"]], [*was["r"], was["top"]], rtol=1e-13)


@pytest.mark.parametrize("body", OTHER.values(), ids=OTHER)
def test_what_differs_in_length_or_is_stored_before_it_is_read_stays_a_loop(tmp_path, body):
    with pytest.raises(NotAtOnce):
        at_once(f"{HEAD}\nfor e in range(n):  # LOOP\n    {body}\n", tmp_path)


@pytest.mark.parametrize("error", ["ValueError('all', 'alike')", "ValueError(f'element {e} of {n}')"])
def test_an_error_is_raised_where_an_element_asks_for_it_and_tells_of_the_first(tmp_path, error):
    loop = f"\nfor e in range(n):  # LOOP\n    if u[e] > limit:\n        raise {error}\n    r[e] += u[e]\n"
    found = at_once(f"{HEAD}limit = 2.0\n{loop}", tmp_path)
    limited = "limit = float(np.sort(u[:n])[3])\n"

    messages = []
    for text in (HEAD + limited + loop, found.replace("limit = 2.0\n", limited)):
        with pytest.raises(ValueError, match=r"element|all") as raised:
            run(text, tmp_path)
        messages.append(raised.value.args)

    assert messages[0] == messages[1]


def test_a_number_that_an_object_holds_is_summed_up(tmp_path):
    text = (
        HEAD.replace("of model", "LOOP")
        + "model.total += 0.25\nmodel.fill()\ntotal, r = model.total, model.r\n"
    )

    found = at_once(text, tmp_path)

    was, now = run(text, tmp_path)[0], run(found, tmp_path)[0]
    assert "self.total += np.sum(v)" in found
    assert now["total"] == pytest.approx(was["total"], rel=1e-14)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return u[e] + 1.0", "return u[e] + self.total"),
        ("return u[e] + 1.0", "return u[e] + vars(self)['total']"),
        ("return u[e] + 1.0", "return u[e] + model.total"),
        ("self.r[e] += v", "self.r[e] += self.total"),
        (
            "    def volume",
            "    def __setattr__(self, key, v):\n        super().__setattr__(key, v)\n    def volume",
        ),
    ],
    ids=["in a function", "by its name", "under another name", "in the loop", "set otherwise"],
)
def test_a_number_that_an_object_holds_and_others_read_stays_a_loop(tmp_path, old, new):
    text = HEAD.replace("of model", "LOOP").replace(old, new) + "model.fill()\n"
    assert text.count(new)

    with pytest.raises(NotAtOnce):
        at_once(text, tmp_path)


def test_a_sum_beside_a_matrix_that_the_loop_fills_is_taken_at_once(tmp_path):
    text = f"""{HEAD}
A = lil_matrix((n + 4, n + 4))
area, top = 1.0, 0.0
for cell in cells:
    k = u[cell[0]] * 2
    for a in cell:
        for b in cell:
            A[a, b] += k
    area += k
    top = max(top, k)
A = A.toarray()
"""
    (found,) = (one for one in candidates(text, tmp_path, "coo-assembly") if "at once" in one.title)

    was, now = run(text, tmp_path)[0], run(found.patches[0].after, tmp_path)[0]
    np.testing.assert_allclose(now["A"], was["A"], rtol=1e-14)
    assert (now["area"], now["top"]) == pytest.approx((was["area"], was["top"]), rel=1e-14)


def test_an_array_made_before_the_loop_is_no_attribute_unless_it_was_given_away(tmp_path):
    text = f"""{HEAD}
class Held:
    def __init__(self):
        self.load = np.ones(n)
    def lists(self, other):
        made = np.zeros(n)
        GIVEN
        values = []
        for e in range(n):  # LOOP
            made[e] += self.load[e]
            values.append(made.size * u[e])
        return values, made
held = Held()
values, made = held.lists(held)
"""
    found = at_once(text.replace("GIVEN", "made[0] = 2.0"), tmp_path)

    np.testing.assert_allclose(run(found, tmp_path)[0]["made"], [3.0, *np.ones(5)])
    assert "may_share_memory" not in found
    assert "may_share_memory" in at_once(text.replace("GIVEN", "other.load = made"), tmp_path)


def test_tuples_are_written_without_parentheses(tmp_path):
    text = f"""{HEAD}
def parts(x, y):
    z = x * y if x > 0.5 else y
    return z, y[0]
for e in range(n):  # LOOP
    for a, b in ((0, 1), (1, 2)):
        z, y = parts(u[e + a], u[b : b + 2])
        r[e] += z[0] + y
"""
    found = at_once(text, tmp_path)

    assert "for a, b in ((0, 1), (1, 2)):" in found
    assert "    return z, y" in found
    np.testing.assert_allclose(run(found, tmp_path)[0]["r"], run(text, tmp_path)[0]["r"], rtol=1e-13)
