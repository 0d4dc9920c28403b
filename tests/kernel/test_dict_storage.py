"""Dicts of lists of numbers, in which the lists become arrays before anything is compiled."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

HEAD = """
import copy
import json
import math
import sys

way = sys.argv[1] if len(sys.argv) > 1 else ""
n = 6
"""


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """The texts with arrays; each prints what the original prints, interpreted."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)

    def check(text):
        candidates, _ = proposals(HEAD + text, tmp_path)
        for argv in ((), ("other",)):
            original = execute(HEAD + text, argv, tmp_path)
            for one in candidates:
                assert execute(rewritten(one), argv, tmp_path).essence == original.essence, rewritten(one)
        return [rewritten(one) for one in candidates if "stored in arrays" in one.title]

    return check


FOLLOWED = {
    "a state that is made anew in each step": """
def fluxes(s):
    f = {"h": [0.0] * n, "hu": [0.0] * n}
    for i in range(n):
        h, hu = s["h"][i], s["hu"][i]
        f["h"][i] = hu
        f["hu"][i] = hu * hu / h
    return f

def step(s, dt):
    f = fluxes(s)
    new = {"h": s["h"][:], "hu": list(s["hu"])}
    for i in range(1, n - 1):  # hot
        for k in ("h", "hu"):
            new[k][i] = s[k][i] - dt * (f[k][i + 1] - f[k][i - 1])
    new["h"][0], new["hu"][0] = new["h"][1], -new["hu"][1]
    return new

h = [1.0 + 0.1 * math.sin(i) for i in range(n)]
state = {"h": h, "hu": [0.0] * n}
history = []
for t in range(3):
    state = step(state, 0.1)
    history.append(sum(state["h"]))
print(history, max(state["h"]), min(state["hu"]), state["h"][2], state["hu"])
print(len(state))
""",
    "fields by comprehensions, and other things beside them": """
def step(S, dt):
    P = {k: S[k][:] for k in S}
    d = {k: [0.0] * n for k in S}
    for i in range(1, n - 1):  # hot
        d["u"][i] = S["u"][i - 1] - S["v"][i]
        for k in S:
            P[k][i] = S[k][i] + d[k][i] * dt
    for k in P:
        P[k][-1] = 2 * P[k][-2] - P[k][-3]
    return P, dt

S = {"u": [math.cos(i) for i in range(n)]}
S["v"] = [0.5 * x for x in S["u"]]
sizes = {"u": 1, "t": 0.5}
for it in range(3):
    S, dt = step(S, 0.1)
for name, field in S.items():
    print(name, sum(field), "u" in S)
print(json.dumps({"n": n, **S}), json.dumps(S), sizes)
""",
    "lists beside numbers, held by an object": """
class Model:
    def __init__(self):
        self.state = {"u": [math.cos(i) for i in range(n)], "t": 0.0, "name": "a"}
        self.old = None

    def step(self, dt):
        new = [0.0] * n
        u = self.state["u"]
        for i in range(1, n - 1):  # hot
            new[i] = u[i] + dt * (u[i + 1] - 2 * u[i] + u[i - 1])
        self.old = self.state["u"]
        self.state["u"] = new
        self.state["t"] += dt

model = Model()
for t in range(3):
    model.step(0.25)
print(model.state["t"], model.state["u"], model.old, model.state["name"])
""",
    "copies of all kinds": """
def other(s):
    return {**s, "v": [0.25] * n}

s = dict(u=[0.5 * i for i in range(n)], v=[1.0] * n)
for t in range(3):  # hot
    a, b, c = s.copy(), dict(s), copy.deepcopy(s)
    for i in range(1, n):
        a["u"][i] += b["v"][i - 1] * c["u"][i]
        c["v"][i] = a["u"][i - 1]
    s = c if t != 1 else other(c)
print(s["u"], s["v"], a["u"], b["u"] is a["u"])
""",
    "grids": """
fields = {"p": [[math.sin(i * j) for j in range(n)] for i in range(n)], "q": [[0.0] * n for _ in range(n)]}
for t in range(3):  # hot
    new = {"p": [row[:] for row in fields["p"]], "q": fields["q"]}
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            new["p"][i][j] = 0.25 * (fields["p"][i - 1][j] + fields["p"][i][j + 1]) + fields["q"][i][j]
            new["q"][i][j] -= 0.5 * new["p"][i][j]
    fields = new
print(fields["p"], fields["q"])
""",
}
FOLLOWED["fields by their items"] = """
def step(s, dt):
    new = {k: v[:] for k, v in s.items()}
    same = {k: v for k, v in s.items()}
    for i in range(1, n):  # hot
        new["a"][i] = 0.5 * s["b"][i - 1] + same["a"][i - 1]
        same["b"][i] += dt * new["a"][i]
    return new

s = {"a": [math.sin(i) for i in range(n)], "b": [math.cos(i) for i in range(n)]}
for t in range(3):
    s = step(s, 0.1)
print(s["a"], s["b"])
"""
STAYING = {
    "it is printed": "print(s)",
    "a list grows": "s['u'].append(1.0)\nprint(s['u'])",
    "a number may be kept there": "if way:\n    s['u'] = 1.0\nprint(s['u'])",
    "it is kept in a list": "kept = [s]\nprint(kept)",
    "it is given to who knows whom": "print(sorted(s.items()), repr(s))",
    "its values are taken together": "print([*s.values()])",
    "it is merged": "s.update(u=['a'])\nprint(s['u'])",
    "another dict's are copied": "o = {1: [0.5]}\ns = {str(k): v[:] for k, v in o.items()}\nprint(s)",
    "rows come to it": "s = {'u': [r for r in [[0.5, 1.5], [2.0]]][0], 'v': s['v']}\nprint(s['u'])",
    "a list is taken out": "print(s.pop('v'))",
    "all are read, and not all are lists": "s['t'] = 1.0\nfor k in s:\n    print(k, s[k])",
    "it is unpacked": "def show(u, v):\n    print(u, v)\nshow(**s)",
}


@pytest.mark.parametrize("what", FOLLOWED)
def test_lists_in_dicts_become_arrays(what, stored):
    texts = stored(FOLLOWED[what])
    assert texts and "list_types" not in texts[0], texts


@pytest.mark.parametrize("why", STAYING)
def test_lists_in_a_dict_stay_where_it_is_used_otherwise(why, stored):
    texts = stored(
        f"""
s = {{"u": [0.5 * i for i in range(n)], "v": [1.0] * n}}
for t in range(3):  # hot
    for i in range(1, n):
        s["u"][i] += s["v"][i - 1] * s["u"][i - 1]
{STAYING[why]}
"""
    )
    assert not texts
