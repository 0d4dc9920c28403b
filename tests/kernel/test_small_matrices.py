"""Linear algebra of one element at a time in kernels."""

import pytest


def test_elements_have_matrices(same_output):
    done = same_output("""
import numpy as np

rng = np.random.default_rng(3)
nodes = rng.random((12, 2))
elements = np.array([[i % 12, (i + 1) % 12, (i + 5) % 12] for i in range(20)])
K = np.zeros((12, 12))
F = np.zeros(12)
reference = np.array([[-1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
for e in range(20):  # hot
    a, b, c = elements[e, 0], elements[e, 1], elements[e, 2]
    J = np.array([[nodes[b, 0] - nodes[a, 0], nodes[b, 1] - nodes[a, 1]],
                  [nodes[c, 0] - nodes[a, 0], nodes[c, 1] - nodes[a, 1]]])
    area = abs(np.linalg.det(J)) / 2
    g = reference @ np.linalg.inv(J).T
    solved = np.linalg.solve(J, np.array([1.0, 2.0]))
    for i in range(3):
        for j in range(3):
            K[elements[e, i], elements[e, j]] += area * np.dot(g[i], g[j])
        F[elements[e, i]] += np.linalg.norm(solved) + np.round(solved[0])
print(np.round(K, 6).tolist(), np.round(F, 6).tolist())
""")
    assert done.candidates[0].safety.value == "rounding"


@pytest.mark.parametrize(
    "line",
    [
        "s += np.linalg.norm(u, 1)",
        "s += np.linalg.norm(u, axis=0)",
        "s += np.linalg.eigvals(A)[0].real",
        "s += np.round(u, 2)[0]",
        "s += (B @ B)[0, 0]",
        "s += np.round(k)",
    ],
)
def test_what_numba_does_otherwise_is_refused(rewrite, line):
    done = rewrite(f"""
import numpy as np

u = np.linspace(0.0, 1.0, 4)
A = np.eye(4)
B = np.ones((2, 2), dtype=int)
s = 0.0
for k in range(9):  # hot
    {line}
print(s)
""")
    assert not done.candidates


def test_a_singular_matrix_that_is_caught_is_refused(rewrite):
    done = rewrite("""
import numpy as np

A = np.zeros((2, 2))
s = 0.0
try:
    for k in range(3):  # hot
        A[0, 0] += 1.0
        s += np.linalg.inv(A)[0, 0]
except np.linalg.LinAlgError:
    s = -1.0
print(s)
""")
    assert not done.candidates
