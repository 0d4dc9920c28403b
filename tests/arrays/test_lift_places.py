"""Index arrays that go through an axis in order are shifts, as long as they hold what they held."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 7, 6
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
p = np.sin(np.arange(20) * 0.3)
ip = (np.arange(n) + 1) % n
im = (np.arange(n) - 1) % n
jp = np.roll(np.arange(m), -1)
jm = np.arange(m) - 1
inner = np.arange(1, n - 1)


class Ring:
    def __init__(self):
        self.right = np.append(np.arange(1, n), 0)

    def ahead(self, a):
        return a[self.right] - a


ring = Ring()


def change():
    ip[0] = 2


def second(a, right, left):
    return a[:, right] - 2 * a + a[:, left]


def slope(a):
    rows = a.shape[0]
    i = (np.arange(rows) + 1) % rows
    return a[i] - a[np.arange(rows) - 1]


def centred(a):
    i = np.arange(1, a.shape[0] - 1)
    result = np.zeros_like(a)
    result[1:-1] = a[i + 1] - a[i - 1]
    return result
"""

SHIFTS = {
    "rows and columns": "u = u + 0.1 * (u[:, jp] - 4 * u + u[:, jm] + u[ip] + u[im, :])",
    "both": "u = u + 0.1 * u[np.ix_(ip, jp)] * v[ip][:, jp]",
    "beside slices": "u[:, 1:-1] = v[:, 1:-1] + 0.1 * (v[ip, 2:] - v[im, :-2])",
    "inner places": "u[1:-1] = v[1:-1] + 0.1 * (v[inner + 1] - v[inner - 1])",
    "of an object": "u = u + 0.1 * ring.ahead(u)",
    "given to a function": "u = u + 0.1 * second(u, jp, jm)",
    "made in a function": "u = u + 0.1 * slope(v) * centred(u)",
    "made on the spot": "p = p - 0.1 * (p - p[np.arange(20) - 1]) * p[(np.arange(20) + 2) % 20]",
    "made beside": "k = np.arange(20)\np = p - 0.1 * (p - p[k - 1]) * p[np.mod(k + 1, 20)]",
    "taken": "u = u + 0.1 * (np.take(u, jp, axis=1) - np.take(u, np.arange(n) + 1, 0, mode='wrap'))",
}


def loop(body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return f"{HEAD}for t in range(4):  # hot\n{rows}"


@pytest.mark.parametrize("body", SHIFTS.values(), ids=SHIFTS.keys())
def test_places_in_order_are_slices_and_shifts(body, tmp_path):
    text = check(loop(body), tmp_path)
    kernel = text[text.index("@njit") : text.index("n, m = ")]
    assert "ip]" not in kernel and "right]" not in kernel and "arange" not in kernel


def test_what_the_places_were_is_checked(tmp_path):
    text = check(loop(SHIFTS["rows and columns"]), tmp_path)
    assert "np.array_equal(jp, (np.arange(" in text


CHANGING = {
    "stored": "u = u + 0.1 * (u[ip] - u)\nif t == 1:\n    ip[3] = 0",
    "by a function": "u = u + 0.1 * (u[ip] - u)\nif t == 1:\n    change()",
    "by another name": "u = u + 0.1 * (u[ip] - u)\nq = ip\nq[2] = 1",
    "bound anew": "u = u + 0.1 * (u[ip] - u)\nip = np.roll(ip, 1)",
    "read later": "k = np.arange(20)\np = p - 0.1 * (p - p[k - 1])\nlast = k[3]",
    "stored to": "u[ip] = v + 0.1 * u",
    "added to": "u[:, jp] += 0.1 * v\nu[[0, 0]] += 1.0",
}


@pytest.mark.parametrize("body", CHANGING.values(), ids=CHANGING.keys())
def test_places_that_change_or_are_stored_to_compute_the_same(body, tmp_path):
    text = loop(body)
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path)):
        check(text, tmp_path)
