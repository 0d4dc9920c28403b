"""A loop that fills a matrix and a right side is written as two where each does without the other."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
n = 14
dt = 0.1
K = sp.diags([-np.ones(n - 1), 2 * np.ones(n), -np.ones(n - 1)], [-1, 0, 1], format="csr")
edge = [0, n - 1]
u = np.linspace(0, 1, n) + 0.5
t = 0.0
def g(i, t):
    return np.cos(i) * np.exp(-t)
"""

DIVIDED = {
    "rows of the boundary": """
for k in range(9):
    t += dt
    S = (sp.identity(n) + dt * K).tolil()
    b = u.copy()
    for d in edge:
        S[d, :] = 0
        S[d, d] = 1
        b[d] = g(d, t)
    u = spsolve(S.tocsr(), b)
""",
    "matrix and right side by rows, with what both need": """
for k in range(9):
    t += dt
    A = np.zeros((n, n))
    b = np.zeros(n)
    A[0, 0] = 1; b[0] = g(0, t)
    A[n - 1, n - 1] = 1; b[n - 1] = g(1, t)
    for i in range(1, n - 1):
        x = i / n
        r = dt * (1 + x)  # both need it
        if i % 2:
            A[i, i - 1] = -r; A[i, i + 1] = -r
            # of the time before
            b[i] = r * u[i]
        else:
            A[i, i + 1] = A[i, i - 1] = 0.5 * r
            b[i] = u[i] + x
        A[i, i] = 1 + 2 * r
    u = np.linalg.solve(A, b)
""",
    "a turn that is left early": """
for k in range(9):
    t += dt
    A = sp.lil_matrix((n, n))
    b = np.zeros(n)
    for i in range(n):
        if i in edge:
            A[i, i] = 1
            b[i] = g(i, t)
            continue
        A[i, i] = 1 + 2 * dt
        for j in (i - 1, i + 1):
            A[i, j] = -dt
            b[i] += 0.01 * u[j]
        b[i] += u[i]
    u = spsolve(A.tocsr(), b)
""",
    "a dictionary of faces": """
faces = {(i, i + 1): [i, i + 1] for i in range(n - 1)}
for k in range(9):
    A = sp.dok_matrix((n, n))
    b = np.zeros(n)
    for c in range(n):
        A[c, c] = 1 / dt
        b[c] = u[c] / dt
    for e, (l, r) in faces.items():
        w = 0.1 * (e[0] + 1)
        A[l, l] += w
        A[r, r] += w
        A[l, r] -= w
        A[r, l] -= w
        b[l] += 0.1 * w * k
    u = spsolve(A.tocsr(), b)
""",
}

TOGETHER = {
    "the matrix has what the right side had": """
for k in range(9):
    A = np.eye(n)
    b = u.copy()
    for i in range(1, n):
        b[i] += 0.1
        A[i, i] = 1 + b[i]
    u = np.linalg.solve(A, b)
""",
    "the same array by another name": """
w = np.ones(n)
b = w
for k in range(9):
    A = np.eye(n)
    for i in range(1, n):
        A[i, i] = 1 + w[i]
        b[i - 1] = u[i] * 0.9
    u = np.linalg.solve(A, b)
""",
    "an iterator is used up": """
for k in range(9):
    rows = iter(range(n))
    A = np.eye(n)
    b = u.copy()
    for i in rows:
        A[i, i] = 2.0
        b[i] += 0.1
    u = np.linalg.solve(A, b)
""",
    "a function changes what the matrix is made of": """
w = np.ones(n)
def source(i):
    w[i - 1] += 0.5
    return 0.1 * i
for k in range(9):
    A = np.eye(n)
    b = u.copy()
    for i in range(1, n):
        A[i, i] = 1 + w[i] + w[i - 1]
        b[i] += source(i)
    u = np.linalg.solve(A, b)
""",
    "a function reads what the other part binds": """
def strength(i):
    return 1 + x
for k in range(9):
    A = np.eye(n)
    b = u.copy()
    for i in range(1, n):
        x = 0.1 * i + k
        b[i] += x
        A[i, i] = strength(i)
    u = np.linalg.solve(A, b)
""",
    "a counter goes on": """
m = 0
for k in range(9):
    A = np.eye(n)
    b = u.copy()
    for i in range(1, n):
        m += 1
        A[i, i] = 1 + m
        b[i] += 0.1 * m
    u = np.linalg.solve(A, b)
""",
    "it ends where the right side says so": """
for k in range(9):
    A = np.eye(n)
    b = u.copy()
    for i in range(1, n):
        A[i, i] = 1 + dt
        b[i] += 0.1
        if b[i] > 1.2:
            break
    u = np.linalg.solve(A, b)
""",
    "the matrix is read for the right side": """
for k in range(9):
    A = np.eye(n)
    b = u.copy()
    for i in range(1, n):
        b[i] -= A[i - 1, i - 1] * u[i - 1]
        A[i, i] = 3.0
    u = np.linalg.solve(A, b)
""",
}


def rewritten(text, tmp_path):
    """What the first proposal leaves, if there is one."""
    found = candidates(text, tmp_path, "build-once")
    return found[0].patches[0].after if found else text


@pytest.mark.parametrize("name", DIVIDED)
def test_a_loop_that_fills_two_things_is_divided_and_the_matrix_is_built_before_the_steps(name, tmp_path):
    text = HEAD + DIVIDED[name]
    after = rewritten(text, tmp_path)
    steps = after.index("for k in range(9)")
    assert "Kept" not in after and steps > text.index("for k in range(9)")
    assert "= 1" in after[:steps] and ("b[" in after[steps:])
    assert np.array_equal(run(text, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"])


@pytest.mark.parametrize("name", TOGETHER)
def test_a_loop_whose_parts_need_each_other_is_left_in_one(name, tmp_path):
    text = HEAD + TOGETHER[name]
    after = rewritten(text, tmp_path)
    assert after.count("in range(1, n)") == text.count("in range(1, n)") and "before the loop" not in after
    assert np.array_equal(run(text, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"])


def test_comments_stay_with_what_they_are_about(tmp_path):
    after = rewritten(HEAD + DIVIDED["matrix and right side by rows, with what both need"], tmp_path)
    assert after.count("# both need it") == 2
    assert "b[i] = r * u[i]" in after


NOT_BEFORE = {
    "a function asks for the matrix before it is built": """
A = 2 * np.eye(n)
def apply(u):
    return A @ u
for k in range(9):
    u = apply(u) / 3
    A = np.eye(n)
    for i in range(1, n):
        A[i, i - 1] = -dt
    u = np.linalg.solve(A, u)
""",
    "a function asks in between": """
def size():
    return A.sum()
A = np.ones((2, 2))
for k in range(9):
    B = np.eye(n)
    w = size()
    for i in range(1, n):
        B[i, i - 1] = -dt
    A = B
    u = np.linalg.solve(A, u) + 0.01 * w
""",
    "a loop that does not run": """
A = 2 * np.eye(n)
for k in range(0):
    A = np.eye(n)
    for i in range(1, n):
        A[i, i - 1] = -dt
    u = np.linalg.solve(A, u)
u = A @ u
""",
    "the time step is changed by a function": """
def adapt(k):
    global dt
    dt = 0.1 if k < 4 else 0.2
for k in range(9):
    adapt(k)
    A = np.eye(n)
    for i in range(1, n):
        A[i, i - 1] = -dt
    u = np.linalg.solve(A, u)
""",
}


@pytest.mark.parametrize("name", NOT_BEFORE)
def test_what_may_be_asked_for_or_changed_stays_in_the_loop(name, tmp_path):
    text = HEAD + NOT_BEFORE[name]
    after = rewritten(text, tmp_path)
    assert np.array_equal(run(text, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"])
    assert after.index(" = np.eye(n)") > after.index("for k in range")
