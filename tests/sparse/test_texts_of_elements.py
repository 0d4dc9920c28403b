"""Texts that tell elements apart, in rows and objects, with all turns of the loop at once."""

import numpy as np
import pytest
from rewriting import at_once, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import numpy as np
nodes = [(0.0, 0.0), (4.0, 0.5), (4.5, 3.0), (0.0, 3.5), (2.0, 6.0)]
members = [(0, 3, "column"), (1, 2, "column"), (3, 2, "beam"), (3, 4, "strut"), (4, 2, "strut")]
rows = [(0, 3, 2.5, "steel"), (1, 2, 2.5, "wood"), (3, 2, 1, "steel"), (3, 4, 0.5, "wood")]
E_of = {"steel": 210.0, "wood": 11.0}
both_of = {"steel": (210.0, 0.3), "wood": (11.0, 0.4)}
data = {"steel": {"E": 2.5, "n": 2, "kind": "x"}, "wood": {"E": 0.5, "n": 3, "kind": "y"}}
only = {"wood": 7.0}
pairs = {"wood": (7, 0.5)}
names = ["wood", "steel", "wood", "wood", "steel"]
fixed = np.array(names)
a, b = 2.0, 3.0
K = np.zeros((15, 15))
F = np.zeros(15)
from collections import namedtuple
Face = namedtuple("Face", ["owner", "other", "kind"])
faces = [Face(0, 1, "inner"), Face(1, -1, "inlet"), Face(2, 3, "inner"), Face(3, -1, "wall")]
faces += [Face(3, 0, "inner"), Face(3, 1, "inner")]
given = {"inlet": 2.0, "outlet": 0.0}
class Bar:
    def __init__(self, one, other, kind):
        self.one, self.other, self.kind = one, other, kind
        if kind == "strut":
            self.extra = 2.0
bars = [Bar(*one) for one in members]
"""

SAME = {
    "rows of numbers and a text": """
def length(one, other):
    x1, y1 = nodes[one]
    x2, y2 = nodes[other]
    return np.hypot(x2 - x1, y2 - y1)
for n1, n2, kind in members:  # LOOP
    L = np.hypot(nodes[n2][0] - nodes[n1][0], nodes[n2][1] - nodes[n1][1])
    area = a if kind == "beam" else b
    if kind != "strut":
        F[3 * n1] += area * L
    K[3 * n1, 3 * n2] -= area / L
""",
    "several texts": """
for k, (n1, n2, kind) in enumerate(members):  # LOOP
    if kind in ("beam", "strut"):
        F[n1] += a * (k + 1)
    elif kind == "column":
        F[n2] -= b
    if kind not in ["beam"]:
        K[n1, n2] += 1.0
""",
    "texts that look something up": """
for n1, n2, w, name in rows:  # LOOP
    E, nu = both_of[name]
    K[n1, n2] += w * E_of[name] / (1 - nu) + E
""",
    "lists and arrays of texts": """
for e in range(5):  # LOOP
    name = names[e]
    F[e] += E_of[name] + data[fixed[e]]["E"]
    if names[e] == "wood" and nodes[e][0] > 1:
        F[e] -= a
""",
    "beside other lists": """
for name, other, m in zip(names, fixed, nodes):  # LOOP
    if other != "steel":
        F[int(m[0])] += both_of[name][1]
""",
    "dicts of each element": """
for e, name in enumerate(names):  # LOOP
    mat = data[name]
    F[e] += mat["E"] ** 2 * mat["n"] if mat["kind"] == "x" else 0.25
""",
    "what some elements alone look up": """
for e, name in enumerate(names):  # LOOP
    if name == "wood":
        share, times = pairs[name]
        F[e] += only[name] * share
    elif e > 1:
        F[e] -= E_of[name] * (0.5 if name == "steel" else 1.0)
""",
    "fields that some elements alone are asked for": """
for f in faces:  # LOOP
    if f.kind == "inner":
        K[f.owner, f.other] += nodes[f.other][0]
    elif f.kind in given:
        F[f.owner] += given[f.kind]
    if f.kind not in given and f.owner > 0:
        F[f.owner] += 0.5
""",
    "attributes that some elements alone are asked for": """
for bar in bars:  # LOOP
    if bar.kind == "strut":
        K[bar.one, bar.other] += 2.0
""",
    "given to a function": """
def area(kind, factor):
    if kind == "beam":
        return a * factor
    return b
for n1, n2, kind in members:  # LOOP
    F[n1] += area(kind, n2)
    F[n2] += area(kind=kind, factor=2.0)
""",
    "texts of objects": """
for bar in bars:  # LOOP
    E = a if bar.kind == "strut" else b
    K[bar.one, bar.other] += E
    if bar.kind == "column":
        F[bar.one] -= E
""",
    "a matrix of numbers that are the same for all and others": """
def local(k):
    return np.array([[k, 0, -k], [0, 1.5, 0], [-k, 0, 2 * k]])
for n1, n2, kind in members:  # LOOP
    k = local(1.0 + n1 if kind == "beam" else 2.0 * n2)
    F[n1] += np.array([1, k[0, 0]]) @ np.array([2, 3])
    for i in range(3):
        for j in range(3):
            K[n1 + i, n2 + j] += k[i, j]
""",
}
REFUSED = {
    "attributes that some objects alone have": """
for bar in bars:  # LOOP
    if bar.kind == "strut":
        F[bar.one] += bar.extra
""",
    "texts that the loop changes": """
for e in range(4):  # LOOP
    if names[e] == "wood":
        names[e + 1] = "steel"
        F[e] += 1.0
""",
    "texts at places that some elements alone ask for": """
for e in range(5):  # LOOP
    if e < 3 and names[e + 2] == "wood":
        F[e] += 1.0
""",
    "a text that is missing for an element": """
for e, name in enumerate(names):  # LOOP
    F[e] += {"steel": 1.0}[name] if e > 7 else 2.0
""",
    "a text that is counted with": """
for n1, n2, kind in members:  # LOOP
    F[n1] += len(kind)
""",
    "a text that is put together": """
for n1, n2, kind in members:  # LOOP
    if kind + "s" == "beams":
        F[n1] += 1.0
""",
    "an order of texts": """
for n1, n2, kind in members:  # LOOP
    if kind > "beam":
        F[n1] += 1.0
""",
    "a text in a text": """
for n1, n2, kind in members:  # LOOP
    if kind in "beams":
        F[n1] += 1.0
""",
    "part of a text": """
for n1, n2, kind in members:  # LOOP
    if kind[0] == "b":
        F[n1] += 1.0
""",
    "a dict that the loop changes": """
for n1, n2, w, name in rows:  # LOOP
    F[n1] += E_of[name]
    E_of[name] = F[n1]
""",
}


@pytest.mark.parametrize("name", SAME)
def test_texts_are_compared_and_looked_up_for_all_elements(name, tmp_path):
    text = HEAD + SAME[name]
    before, after = run(text, tmp_path)[0], run(at_once(text, tmp_path), tmp_path)[0]
    np.testing.assert_allclose(before["K"], after["K"], rtol=1e-14)
    np.testing.assert_allclose(before["F"], after["F"], rtol=1e-14)
    assert np.any(before["K"]) or np.any(before["F"])


@pytest.mark.parametrize("name", REFUSED)
def test_other_uses_of_texts_stay_a_loop(name, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + REFUSED[name], tmp_path)
