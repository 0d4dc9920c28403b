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


ELEMENTS = """
import numpy as np

rng = np.random.default_rng(3)
nodes = rng.random((12, 2))
cells = np.array([[i % 12, (i + 1) % 12, (i + 5) % 12] for i in range(20)])
D = np.array([[2.0, 0.5, 0.0], [0.5, 2.0, 0.0], [0.0, 0.0, 0.7]])
K = np.zeros((24, 24))
v = rng.random(2)
s = 0.0
for e in range(20):  # hot
    x, y = nodes[cells[e], 0], nodes[cells[e], 1]
    B = np.zeros((3, 6))
    for a in range(3):
        b, c = (a + 1) % 3, (a + 2) % 3
        B[0, 2 * a] = y[b] - y[c]
        B[1, 2 * a + 1] = x[c] - x[b]
        B[2, 2 * a] = B[1, 2 * a + 1]
        B[2, 2 * a + 1] = B[0, 2 * a]
    J = 0.5 * np.eye(2) + np.identity(2)
    J[0, 1] = x[0]
    {lines}
    for i in range(6):
        for j in range(6):
            K[2 * cells[e, i // 2] + i % 2, 2 * cells[e, j // 2] + j % 2] += ke[i, j]
print(np.round(K, 6).tolist(), round(float(s), 9))
"""


@pytest.mark.parametrize(
    "lines",
    [
        "ke = B.T.dot(D).dot(B) * np.linalg.det(J); s += v.dot(v) + J.dot(v)[1] + v.dot(J)[0]",
        "w, z = np.array([[v[0], x[1]], [y[2], 1.0]]).ravel(), J.flatten(); z[0] = 9.0; "
        "ke = np.dot(B.T, D.dot(B)); s += w[2] * w.dot(w) + z[3] * z[0] * J[0, 0]",
    ],
)
def test_products_are_compiled_as_methods_as_well(same_output, lines):
    same_output(ELEMENTS.replace("{lines}", lines))


@pytest.mark.parametrize(
    "lines",
    [
        "ke = B.T.dot(D).dot(B); s += cells[e].dot(cells[e])",
        "ke = B.T.dot(D, out=np.zeros((6, 3))).dot(B)",
        "ke = B.T.dot(2.0).dot(D).dot(B)",
        "w = J.ravel(); w[0] = 9.0; ke = B.T.dot(B); s += J[0, 0]",
    ],
)
def test_other_products_are_refused(rewrite, lines):
    done = rewrite(ELEMENTS.replace("{lines}", lines))
    rests = [one.patches[0].after.split("v = rng.random(2)")[1] for one in done.candidates]
    assert all(lines.partition(";")[0] in rest for rest in rests)
