"""Numbers and texts in dicts: entries of any depth, ``get`` with a default, options that decide."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n = 9
u = np.sin(np.arange(n) * 0.7)
v = np.cos(np.arange(n) * 0.4)
fields = {"u": u, "v": v}
p = {"dt": 0.1, "bc": "walls", "grid": {"dx": 0.5, "k": {"u": 0.2, "v": 0.3}}}
log = []


def slope(f, p):
    return (np.roll(f, -1) - np.roll(f, 1)) / p["grid"]["dx"]


def edges(f, kind):
    if kind == "walls":
        f[0] = f[1]
        f[-1] = f[-2]
    elif kind == "fixed":
        f[0] = 0.0
    return f


def moved(f, g, p):
    new = []
    for a, b in zip([f, g], [g, f]):
        c = p.get("c", 0.5) * slope(b, p)
        new.append(a - p.get("dt", 3.0) * c)
    return new


def changed(p):
    p["grid"]["dx"] = p["grid"]["dx"] * 1.5
    return 0.0


def filled(p):
    p["c"] = 0.25


def renewed(p):
    made = {}
    made["dx"] = 0.75 * p["grid"]["dx"]
    return made


"""
STEPS = {
    "depth and get": "u = u - p['grid']['k']['v'] * slope(v, p) * p.get('c', 2.0)",
    "an option": "u = u - p['dt'] * slope(u, p)\nedges(u, p['bc'])",
    "by names": (
        "for name in ('u', 'v'):\n"
        "    fields[name] = fields[name] - p['grid']['k'][name] * slope(fields[name], p)\n"
        "    edges(fields[name], p['bc'])"
    ),
    "a list that grows": "u, v = moved(u, v, p)",
}
LEFT = {
    "changed": "u = u - slope(v, p)\nlog.append(changed(p))",
    "another option": "u = u - p['dt'] * slope(u, p)\nedges(u, p['bc'])\nif t == 1:\n    p['bc'] = 'fixed'",
    "a default no longer": "u = u - p.get('c', 2.0) * slope(u, p)\nif t == 1:\n    filled(p)",
    "a dict in it bound anew": "u = u - slope(u, p)\np['grid'] = renewed(p)",
    "joined": "u = u - p.get('c', 2.0) * slope(u, p)\nif t == 1:\n    p |= {'c': 0.5}",
    "by another name": "q = p['grid']\nu = u - slope(u, p)\nq['dx'] = 2 * q['dx']",
    "a list from its end": "a = [u, v]\nfor q, c in zip((a[-1], a[0]), (1, 2)):\n"
    "    a.append(q + c)\nu = a[2] + a[3]",
}


def script(body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return f"{HEAD}for t in range(4):  # hot\n{rows}result = (u, v, *fields.values(), p['grid']['dx'])\n"


@pytest.mark.parametrize("body", STEPS.values(), ids=STEPS.keys())
def test_settings_in_dicts_compute_the_same(body, tmp_path):
    text = check(script(body), tmp_path)
    assert "roll" not in text[text.index("@njit") : text.index("def slope")]


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT.keys())
def test_settings_that_change_compute_the_same(body, tmp_path):
    text = script(body)
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path) or []):
        check(text, tmp_path)
