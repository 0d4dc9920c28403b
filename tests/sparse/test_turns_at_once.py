"""Loops over cells, sums and boundary values give the same when operations on arrays replace them."""

import numpy as np
import pytest
from rewriting import at_once, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import math
import numpy as np
nx, ny, h = 17, 14, 0.25
k = lambda i, j: i * ny + j
u = np.sin(np.arange(238.0)).reshape(17, 14)
v = u.T.copy().T
w = u.ravel().copy()
b = np.arange(3.0, 241.0)
c = np.ones(238, complex)
places = np.array([3, 1, 3, 0, 1, 3, 2])
"""

SAME = {
    "a counter that is bound anew": """
for i in range(238):  # LOOP
    i = i % 5
    b[i] += w[i]
""",
    "places that rows name, several times": """
for m, n in [(3, 1), (3, 0), (1, 1), (3, 1)]:
    b[m] += w[n]
pairs = [(3, 1), (3, 0), (1, 1), (3, 1)]
for m, n in pairs:  # LOOP
    b[m] += w[n]
""",
    "an element that is stored before it is read": """
for i in range(238):  # LOOP
    b[i] = w[i]
    w[i] = b[i] + 1.0
""",
    "the larger and the smaller number, where one is nan": """
w[3], w[5] = math.nan, -0.0
for i in range(238):  # LOOP
    b[i] = max(0.0, min(1.0, w[i])) - max(0.25, w[i])
    c[i] = min(w[i], 0.5)
""",
    "a right side by branches": """
for i in range(nx):  # LOOP
    for j in range(ny):
        p = k(i, j)
        if j == 0:
            b[p] = 0.5
        elif i == 0 or i == nx - 1:
            b[p] = -1.0
        else:
            x = i * h
            b[p] = u[i, j] + x * math.exp(-x)
""",
    "a function that is a counter later": """
for i in range(nx):  # LOOP
    for j in range(ny):
        b[k(i, j)] = u[i, j]
for k in range(3):
    b[k] = 0.0
""",
    "branches that leave places alone": """
for i in range(nx):  # LOOP
    for j in range(ny):
        if i > 2:
            b[k(i, j)] = u[i, j]
        elif j == 1:
            b[k(i, j)] = 7.0
""",
    "the last of several stores counts": """
for q in range(7):  # LOOP
    p = places[q]
    b[p] = q
    if q % 2:
        b[p] = 10.0 + q
""",
    "stores of two statements meet in other turns": """
for q in range(7):  # LOOP
    b[q] = 1.0 + q
    b[6 - q] = 20.0 + q
""",
    "a name is bound anew between two stores": """
for q in range(7):  # LOOP
    x = q * 2.0
    p = places[q]
    if q > 2:
        b[p] = x
    x = x + 100.0
    if q == 4:
        b[p] = x
""",
    "additions to places that come again": """
for q in range(7):  # LOOP
    b[places[q]] += w[q]
    b[places[q] + 1] -= 2.0 * w[q]
""",
    "elements that are read before they are stored": """
for i in range(1, nx):  # LOOP
    for j in range(ny):
        old = u[i, j]
        u[i, j] = 0.5 * old + u[i, j] ** 2
for i in range(nx):
    w[i] *= 1.0
""",
    "updates in place": """
for i in range(1, nx - 1):  # LOOP
    for j in range(1, ny - 1):
        u[i, j] -= h * (v[i + 1, j] - v[i - 1, j])
        if j > 1:
            u[i, j] += 2.0
""",
    "corners of several boundaries": """
for q in range(5):  # LOOP
    u[0, q] = v[0, q] = 0.0
    u[4, q] = v[4, q] = 3.0
    u[q, 0] = v[q, 0] = 1.0
    u[q, 4] = 2.0
""",
    "sums": """
total, mean, count = 0.0, 1.0, 0
for i in range(nx):  # LOOP
    for j in range(ny):
        total += u[i, j] * h
        mean = mean - u[i, j] ** 2
        if u[i, j] > 0.2:
            count += 1
""",
    "a sum of counters": """
total, count = 0.5, 3
for i in range(nx):  # LOOP
    total += i * h
    count = i + count
""",
    "no turns": """
total, err, low = 0.5, 0.25, 3
for i in range(3, 3):  # LOOP
    total += w[i]
    err = max(err, w[i])
    b[i] = 4.0
""",
    "largest and smallest": """
err, low, top, count = 0.0, 1e9, -1.0, 5
for i in range(nx):  # LOOP
    for j in range(ny):
        err = max(err, abs(u[i, j] - v[i, j] + 0.1 * i))
        d = u[i, j] * 2
        if d > top:
            top = d
        if low > d:
            low = d
        count = min(count, i + j - 3)
""",
    "nan counts where it comes first": """
w[3] = np.nan
err, low, top = 0.0, np.nan, w[0]
for i in range(238):  # LOOP
    err = max(err, w[i])
    low = max(low, w[i])
    if w[i] < top:
        top = w[i]
""",
    "nothing but nan": """
w[:] = np.nan
err = 0.0
for i in range(238):  # LOOP
    err = max(err, w[i])
""",
    "the largest on a condition": """
err = 0.0
for i in range(238):  # LOOP
    if i % 3 == 1:
        continue
    if i > 4:
        err = max(err, w[i])
""",
    "complex sums": """
total, err = 0.0, 0.0
for i in range(238):  # LOOP
    c[i] = w[i] + 2j * i
    total += abs(w[i]) * 1j
""",
    "the last number of a turn": """
for i in range(1, 30):  # LOOP
    low = w[i] - w[i - 1]
    b[i] = low * 2.0
total, count = low + 1.0, i
""",
    "the number of the last turn that binds it": """
total = 0.0
for i in range(1, 30):  # LOOP
    b[i] = 2.0 * w[i]
    if i % 7 == 1:
        top = w[i] + 1.0
    if w[i] > 5.0:
        total = w[i]
mean = total + top
""",
    "names that no turn binds": """
top = 0.25
for i in range(5, nx - 12):  # LOOP
    low, top = w[i], w[i + 1]
    b[i] = low
    total = 2.0
try:
    err = low + total
except NameError:
    err = top
""",
    "a matrix by three of its diagonals": """
for i in range(1, 13):  # LOOP
    if i > 1:
        u[i - 1, i - 2] = -w[i]
        v[i - 1, i - 2] += w[i]
    u[i - 1, i - 1] = 1.0 - w[2 * i]
    v[i - 1, i - 1] -= w[3 * i]
    v[i - 1, i - 1] += w[4 * i]
    if i < 12:
        u[i - 1, i] = w[5 * i]
""",
}

REFUSED = {
    "the last counter of two": """
for i in range(nx):  # LOOP
    for j in range(ny):
        b[k(i, j)] = 0.5
print(i)
""",
    "a last number that is whole at times": """
for i in range(nx):  # LOOP
    top = max(w[i], 0)
    b[i] = top
print(top)
""",
    "a last number that a function reads": """
def shown():
    return top
for i in range(nx):  # LOOP
    top = w[i]
    b[i] = top
""",
    "a last number by an inner loop": """
for i in range(nx):  # LOOP
    for q in range(2):
        top = w[i + q]
        b[i] = top
print(top)
""",
    "an error that is caught where it arises": """
try:
    for i in range(nx):  # LOOP
        b[i] = 1.0 / (i - 5)
except ZeroDivisionError:
    print(b)
""",
    "an error that a caller catches": """
def fill():
    for i in range(nx):  # LOOP
        b[i] = 1.0 / (i - 5)
try:
    fill()
except ArithmeticError:
    print(b)
""",
    "a neighbour that an earlier turn stored": """
for i in range(1, nx):  # LOOP
    for j in range(ny):
        u[i, j] = u[i, j] + u[i - 1, j]
""",
    "an element that a turn stores before the next one reads it": """
for i in range(238):  # LOOP
    b[i] = w[i]
    w[i] = b[i] + b[i - 1]
""",
    "an index that counts from the end": """
for i in range(-3, 238):  # LOOP
    b[i] = b[i] + 1.0
""",
    "places that come again": """
for q in range(7):  # LOOP
    b[places[q]] = b[places[q]] * 2.0
""",
    "a sum that is read on the way": """
total = 0.0
for i in range(238):  # LOOP
    total += w[i]
    b[i] = total
""",
    "a sum that begins anew": """
for i in range(nx):  # LOOP
    total = 0.0
    for j in range(ny):
        total += u[i, j]
print(total)
""",
    "a maximum that forgets nan": """
err = 0.0
for i in range(238):  # LOOP
    err = max(w[i], err)
""",
    "another choice": """
err = 0.0
for i in range(238):  # LOOP
    if abs(w[i]) > err:
        err = w[i]
""",
    "the place of the largest": """
err, at = 0.0, 0
for i in range(238):  # LOOP
    if w[i] > err:
        err = w[i]
        at = i
""",
    "a product": """
total = 1.0
for i in range(238):  # LOOP
    total *= w[i]
""",
    "single precision in a sum": """
total, single = np.float64(0.5), w.astype(np.float32)
for i in range(238):  # LOOP
    x = single[i] * 2
    total += x
""",
    "a number or another": """
for i in range(20):  # LOOP
    b[i] = w[i] or 1.0
""",
    "a function reads what is summed up": """
power, total = 2, 0.0
def raised(x):
    return x**power
for i in range(20):  # LOOP
    total += raised(w[i])
    power = power + 1
""",
    "a function reads what is stored": """
def before(i):
    return b[i - 1] * 0.5
for i in range(1, 20):  # LOOP
    b[i] = before(i) + w[i]
""",
    "truth values that are counted": """
count = 0
for i in range(20):  # LOOP
    count += (i > 3) + (i > 5)
""",
    "truth values by a name": """
for i in range(20):  # LOOP
    far = i > 3
    b[i] = far * (i > 5)
""",
    "a truth value that is looked up": """
for i in range(20):  # LOOP
    b[i] = (5.0, 7.0)[i > 3]
""",
    "a list of truth values": """
marks, count = [True, False] * 10, 0
for i in range(20):  # LOOP
    count += marks[i] + (i > 3)
""",
    "single precision by a counter": """
single = w.astype(np.float32)
for i in range(20):  # LOOP
    b[i] = single[i] * i
""",
    "a sum of small integers": """
small, total = np.full(20, 2000000000, np.int32), 0
for i in range(20):  # LOOP
    total += small[i]
""",
    "whole numbers": """
n = np.zeros(238, int)
for i in range(238):  # LOOP
    n[i] = w[i] * 10
""",
    "a view under another name": """
z = b[1:]
for i in range(1, 30):  # LOOP
    b[i] = z[i - 1] + z[i] + 1.0
""",
}


@pytest.mark.parametrize("name", SAME)
def test_loops_over_cells_leave_the_same(name, tmp_path):
    text = HEAD + SAME[name]
    before, after = run(text, tmp_path)[0], run(at_once(text, tmp_path), tmp_path)[0]
    for one in ("u", "v", "w", "b", "c", "total", "mean", "count", "err", "low", "top"):
        if one in before:
            np.testing.assert_allclose(before[one], after[one], rtol=1e-13, atol=1e-15)
            assert type(before[one]) is type(after[one]) or name == "no turns"


@pytest.mark.parametrize("name", REFUSED)
def test_loops_whose_turns_need_one_another_stay(name, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + REFUSED[name], tmp_path)


def test_fractions_where_whole_numbers_were_seen_are_not_cut_off(tmp_path):
    text = (
        HEAD
        + """
weights = [3, 1, 2]
for i, weight in enumerate(weights):  # LOOP
    b[i] = weight * w[i]
"""
    )
    after = at_once(text, tmp_path)
    assert np.array_equal(run(after, tmp_path)[0]["b"], run(text, tmp_path)[0]["b"])
    with pytest.raises(TypeError):
        run(after.replace("[3, 1, 2]", "[3, 1.5, 2]"), tmp_path)


def test_stores_into_rows_of_their_own_are_one_assignment_each(tmp_path):
    after = at_once(HEAD + SAME["a matrix by three of its diagonals"], tmp_path)
    assert "stored_in_order" not in after
    assert "u[i - 1, i - 1] = 1.0 - w[2 * i]" in after


def test_a_store_in_order_is_one_assignment_where_that_is_the_same(tmp_path):
    after = at_once(HEAD + SAME["a right side by branches"], tmp_path)
    assert "stored_in_order" not in after
    assert "b[p] = " in after


SHARED = """
def fill(p, q, n):
    \"\"\"Each turn reads what an earlier one may have stored.\"\"\"
    for i in range(n):  # LOOP
        # half of it
        q[i] = 0.5 * p[n - 1 - i]
fill(u[3], u[4], 14)
if SHARED:
    fill(b[:10], b[5:15], 10)
"""


@pytest.mark.parametrize("shares", [False, True])
def test_the_loop_itself_runs_where_arrays_share_memory(shares, tmp_path):
    after = at_once(f"SHARED = False\n{HEAD}{SHARED}", tmp_path)
    assert "if np.may_share_memory(q, p):" in after
    texts = (f"SHARED = False\n{HEAD}{SHARED}", after)
    before, now = (run(text.replace("SHARED = False", f"SHARED = {shares}"), tmp_path)[0] for text in texts)
    assert np.array_equal(before["b"], now["b"]) and np.array_equal(before["u"], now["u"])


SEVERAL = """
def fill(q, s, p, r, n):
    for i in range(n):  # LOOP
        q[i] = 0.5 * p[n - 1 - i] + r[i]
        s[i] = p[i] - r[n - 1 - i]
PLACES
"""


@pytest.mark.parametrize(
    "places", ["fill(u[3], u[4], u[5], u[6], 14)", "fill(b[:8], u[4], u[5], b[4:12], 8)"]
)
def test_each_pair_of_arrays_is_asked_once(places, tmp_path):
    text = HEAD + SEVERAL.replace("PLACES", "fill(u[3], u[4], u[5], u[6], 14)")
    after = at_once(text, tmp_path)
    assert "any(np.may_share_memory(q, other) for other in (s, r, p))" in after
    assert "or any(np.may_share_memory(s, other) for other in (r, p))" in after
    texts = (one.replace("fill(u[3], u[4], u[5], u[6], 14)", places) for one in (text, after))
    before, now = (run(one, tmp_path)[0] for one in texts)
    assert np.array_equal(before["b"], now["b"]) and np.array_equal(before["u"], now["u"])


def test_long_lines_are_broken(tmp_path):
    row = "b[i] += 0.5 * (w[i + 1] - 2.0 * w[i] + w[i - 1]) / h**2 - 0.25 * (w[i + 1] - w[i - 1]) / (2.0 * h)"
    text = f"{HEAD}for i in range(1, 230):  # LOOP\n    {row} + w[i + 2] * (w[i + 1] - w[i]) - w[i - 1]\n"
    after = at_once(text, tmp_path)
    assert max(map(len, after.splitlines())) < 125
    assert np.array_equal(run(text, tmp_path)[0]["b"], run(after, tmp_path)[0]["b"])


def test_arrays_made_in_the_same_place_are_not_asked(tmp_path):
    assert "may_share_memory" not in at_once(HEAD + SAME["updates in place"], tmp_path)


ATTRIBUTES = """
class Fem:
    def __init__(self, load, x):
        self.load, self.x = load, x
        self.f = np.zeros(9)
    def fill(self):
        for e in range(8):  # LOOP
            self.{}[e] += self.x[e + 1] - self.x[e]
Fem(b, w).fill()
"""


@pytest.mark.parametrize(("attribute", "is_asked"), [("f", False), ("load", True)])
def test_attributes_are_asked_where_others_may_hold_them(attribute, is_asked, tmp_path):
    after = at_once(HEAD + ATTRIBUTES.format(attribute), tmp_path)
    assert ("may_share_memory" in after) is is_asked
