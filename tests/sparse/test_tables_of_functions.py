"""Lists of shape functions are called for all elements at once."""

import numpy as np
import pytest
from rewriting import at_once, run
from test_batched_loops import HEAD

from pdeperf.sparse.batched_values import NotAtOnce

HEAD += """
shape = [lambda x, y: 1 - x - y, lambda x, y: x, lambda x, y: y]
slope = (
    lambda x, y: np.array([-1.0, -1.0]),
    lambda x, y: np.array([1.0, 0 * y]),
    lambda x, y: np.array([0.0, 1 + x - x]),
)
places = [(1 / 6, 1 / 6), (2 / 3, 1 / 6), (1 / 6, 2 / 3)]
K = np.zeros((N, N))
b = np.zeros(N)
"""
SAMES = {
    "at points of the element": """
for e in triangles:  # LOOP
    xy = points[e]
    J = np.array([xy[1] - xy[0], xy[2] - xy[0]]).T
    det = np.linalg.det(J)
    inv = np.linalg.inv(J).T
    for xi, eta in places:
        x = xy[0, 0] + J[0, 0] * xi
        grads = [inv @ g(xi, eta) for g in slope]
        for a in range(3):
            b[e[a]] += np.sin(x) * shape[a](xi, eta) * det
            for c in range(len(shape)):
                K[e[a], e[c]] += det * grads[a] @ grads[c]
""",
    "one after the other": """
for e in triangles:  # LOOP
    for a, f in enumerate(shape):
        for xi, eta in places:
            b[e[a]] += f(xi, eta) * points[e[0], 0]
""",
    "at places that differ": """
both = [lambda x, y: x - y, lambda x, y: x * y, lambda x, y: 1 + y]
for e in triangles:  # LOOP
    x, y = points[e[0]]
    for a in range(3):
        b[e[a]] += both[a](x, 0.5 * y)
""",
}
REFUSED = {
    "a list that changes": """
shape[0] = lambda x, y: 2 * x
for e in triangles:  # LOOP
    b[e[0]] += shape[0](0.5, 0.25)
""",
    "a list that somebody else has": """
other = shape
for e in triangles:  # LOOP
    b[e[0]] += shape[0](0.5, 0.25)
""",
    "another function for each element": """
for k, e in enumerate(triangles):  # LOOP
    b[e[0]] += shape[k % 3](0.5, 0.25)
""",
    "functions that give different things": """
mixed = [lambda x: x, lambda x: np.array([x, x])]
for e in triangles:  # LOOP
    for f in mixed:
        b[e[0]] += np.sum(f(0.5))
""",
    "functions that do something": """
seen = []
noted = [lambda x: seen.append(x) or 1.0]
for e in triangles:  # LOOP
    b[e[0]] += noted[0](0.5)
""",
    "a choice by numbers that differ": """
chosen = [lambda x: 1.0 if x > 0.3 else 2.0]
for e in triangles:  # LOOP
    b[e[0]] += chosen[0](points[e[0], 0])
""",
}


@pytest.mark.parametrize("name", SAMES)
def test_functions_out_of_a_list_give_the_same(name, tmp_path):
    text = HEAD + SAMES[name]
    before, after = run(text, tmp_path)[0], run(at_once(text, tmp_path), tmp_path)[0]
    np.testing.assert_allclose(before["K"], after["K"], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(before["b"], after["b"], rtol=1e-13)
    assert np.any(before["b"])


@pytest.mark.parametrize("name", REFUSED)
def test_other_lists_of_functions_stay_as_they_are(name, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + REFUSED[name], tmp_path)
