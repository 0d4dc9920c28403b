"""Matrices that are computed by their values in known patterns have every bit that SciPy gives them."""

import random

import numpy as np
import pytest
import scipy.sparse as sp
from rewriting import candidates, run

from pdeperf.sparse.pattern_text import OF_KNOWN_PATTERN

NAMES = {"np": np, "sp": sp}
text = OF_KNOWN_PATTERN
for home, name in (("numpy", "np"), ("sparse", "sp")):
    text = text.replace(f"{{{home}}}", name)
exec(text, NAMES)
ByPattern, Entries = NAMES["ByPattern"], NAMES["Entries"]


def same(one, other):
    assert type(one) is type(other) and one.shape == other.shape and one.dtype == other.dtype
    for part in ("data", "indices", "indptr"):
        mine, theirs = getattr(one, part), getattr(other, part)
        assert mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes(), part


GIVEN = (sp.diags, sp.eye, sp.identity, sp.spdiags, sp.bmat)
MAKERS = "diags, eye, identity, spdiags, bmat"
TERMS = (
    "A", "B", "C", "D", "A.T", "diags(v)", "diags([v[1:], w, v[:-1]], [-1, 0, 1])", "-B", "2.5 * A", "B / s",
    "eye(n)", "identity(n, format='csr')", "spdiags([v, w], [0, 1], n, n)", "diags(v) @ A", "C @ diags(w)",
    "diags([1.0, -2.0], [0, 2], shape=(n, n))", "np.float64(s) * C", "A.tocsc()", "diags(v).dot(B)", "3 * D",
)  # fmt: skip


def matrices(n, draw):
    patterns = np.random.default_rng(n)
    A = sp.random(n, n, 0.3, random_state=patterns, format="csr")
    B = sp.random(n, n, 0.2, random_state=patterns, format="csc")
    C = sp.random(n, n, 0.4, random_state=patterns, format="csr")
    D = sp.diags([1.0, 3.0], [0, 1], shape=(n, n))
    for one in (A, B, C):
        one.data = draw.standard_normal(one.data.size)
    return A, B, C, D


@pytest.mark.parametrize("seed", range(14400100, 14400160))
def test_random_sums_and_blocks_have_the_same_bits(seed):
    choose = random.Random(seed)
    n = choose.choice([1, 2, 3, 7, 20]) if seed % 3 else 12

    def term(depth):
        if depth == 0:
            return choose.choice(TERMS)
        return f"({term(depth - 1)} {choose.choice('+-')} {term(choose.randrange(depth))})"

    body = term(2)
    if seed % 2:
        body = f"bmat([[{body}, {term(1)}], [{term(0)}, {body}]], format={choose.choice(['csr', 'csc'])!r})"
    else:
        body = f"({body}).{choose.choice(['tocsr', 'tocsc'])}()"
    parameters = f"{MAKERS}, A, B, C, D"
    keep = ByPattern()
    draw = np.random.default_rng(seed)
    for turn in range(4):
        A, B, C, D = matrices(n, draw)
        names = {
            "v": draw.standard_normal(n),
            "w": draw.standard_normal(n),
            "s": 0.3 + turn,
            "n": n,
            "np": np,
        }
        if turn == 2 and n > 2:
            names["v"][1] = 0.0
        try:
            build = eval(f"lambda {parameters}: {body}", names)
            expected = build(*GIVEN, A, B, C, D)
        except ValueError as error:
            with pytest.raises(ValueError, match=str(error)[:6]):
                keep(build, *GIVEN, A, B, C, D)
            return
        same(keep(build, *GIVEN, A, B, C, D), expected)


def test_values_alone_are_computed_where_all_patterns_were_there_before():
    runs = []

    def build(diags, A):
        runs.append(type(A).__name__)
        return (A + diags(v)).tocsc()

    keep = ByPattern()
    A = sp.random(9, 9, 0.3, random_state=1, format="csr")
    for turn in range(4):
        v = np.full(9, 1.0 + turn)
        same(keep(build, sp.diags, A), (A + sp.diags(v)).tocsc())
    assert runs == ["Entries", "csr_matrix", "Entries", "Entries", "Entries"]


def test_a_result_is_nobody_elses():
    keep = ByPattern()
    A = sp.random(9, 9, 0.3, random_state=1, format="csr")
    found = [keep(lambda A: 2.0 * A + A, A) for _ in range(3)]
    found[1].data[:] = 0.0
    found[1].eliminate_zeros()
    found[2].indices[:] = 0
    same(keep(lambda A: 2.0 * A + A, A), 2.0 * A + A)


def test_a_sum_that_is_zero_is_not_stored_as_before():
    keep = ByPattern()
    A = sp.csr_matrix(np.array([[1.0, 2.0], [0.0, 3.0]]))
    for v in ([5.0, 6.0], [4.0, 1.0], [-1.0, 1.0], [2.0, 2.0], [0.0, 1.0], [0.0, 2.0]):
        same(keep(lambda diags, A, v=v: A + diags(np.array(v)), sp.diags, A), A + sp.diags(np.array(v)))
        number = v[0]
        same(keep(lambda A, number=number: number * A + A, A), number * A + A)


def test_explicit_zeros_duplicates_and_unsorted_entries_are_left_to_scipy_or_the_same():
    rows, starts = np.array([1, 0, 0, 2]), np.array([0, 2, 3, 4])
    odd = {
        "unsorted": sp.csr_matrix((np.array([1.0, 2.0, 3.0, 4.0]), rows, starts), shape=(3, 3)),
        "zeros": sp.csr_matrix((np.array([1.0, 0.0, 3.0, 4.0]), np.sort(rows), [0, 2, 3, 4]), shape=(3, 3)),
        "twice": sp.csr_matrix((np.ones(4), np.array([0, 0, 1, 2]), [0, 2, 3, 4]), shape=(3, 3)),
    }
    for A in odd.values():
        keep, blocks = ByPattern(), ByPattern()
        for factor in (1.0, 2.0, 3.0):
            B = A * factor
            same(keep(lambda eye, B: B + eye(3), sp.eye, B.copy()), B.copy() + sp.eye(3))
            expected = sp.bmat([[B.copy(), None], [None, B.copy()]], format="csc")
            given = sp.bmat, B.copy()
            found = blocks(lambda bmat, B: bmat([[B, None], [None, B]], format="csc"), *given)
            same(found, expected)


@pytest.mark.parametrize("kind", [int, np.float32, complex, bool])
def test_types_of_values_stay(kind):
    keep = ByPattern()
    A = sp.csr_matrix(np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]]).astype(kind))
    for number in (2, 2.5, 1j, 3):
        expected = A * number + A.T
        same(keep(lambda A, number=number: A * number + A.T, A), expected)


def test_numbers_of_another_type_change_the_type_of_the_result():
    keep = ByPattern()
    A = sp.csr_matrix(np.array([[1, 1], [0, 1]]))
    for number in (2, 2.0, 3, 3.0, 2 + 1j):
        same(keep(lambda A, number=number: A + number * A, A), A + number * A)


def test_a_pattern_that_changes_is_found_anew():
    keep = ByPattern()
    for turn in range(8):
        A = sp.csr_matrix(np.eye(5) + np.eye(5, k=1 + turn % 2))
        same(
            keep(lambda diags, A, k=turn: A + diags(np.ones(5) * (k + 1)), sp.diags, A),
            A + sp.eye(5) * (turn + 1),
        )


def test_matrices_and_arrays_of_one_pattern_are_told_apart():
    keep = ByPattern()
    A, D = sp.csr_matrix(np.eye(5) + np.eye(5, k=1)), sp.diags([3.0], [0], shape=(5, 5))
    for kind in (sp.csr_matrix, sp.csr_array, sp.csc_matrix, sp.lil_matrix, sp.lil_array, sp.csr_matrix):
        same(keep(lambda A, D: (2.0 * A + D).tocsr(), kind(A), D), (2.0 * kind(A) + D).tocsr())
    for kind in (sp.dia_matrix, sp.dia_array, sp.dia_matrix, sp.dia_array):
        same(keep(lambda D: (2.0 * D + D).tocsr(), kind(D)), (2.0 * kind(D) + kind(D)).tocsr())


def test_other_offsets_and_columns_are_other_patterns():
    keep, given, twice = ByPattern(), ByPattern(), ByPattern()
    base = sp.csr_matrix(np.eye(6))
    for k in (1, 2, 1, 2, 1):
        v = np.arange(1.0, 7.0 - k)
        expected = base + sp.diags([v], [k], shape=(6, 6))
        same(keep(lambda diags, A, v=v, k=k: A + diags([v], [k], shape=(6, 6)), sp.diags, base), expected)
        D = sp.diags([np.ones(6 - k), np.ones(6)], [k, 0])
        same(given(lambda A, D: A + D, base, D), base + D)
        S = sp.csr_matrix((np.arange(1.0, 5.0), (np.arange(4), (np.arange(4) + k) % 6)), shape=(6, 6))
        same(twice(lambda A, S: A - S, base, S), base - S)


def test_a_factor_that_is_zero_leaves_what_scipy_leaves():
    keep, scaled = ByPattern(), ByPattern()
    A, D = sp.csr_matrix(np.eye(4) + np.eye(4, k=1)), sp.diags([np.arange(1.0, 5.0)], [0])
    for k in (1.0, 2.0, 0.0, 3.0):
        expected = sp.bmat([[k * D, None], [None, A]], format="csr")
        build = lambda bmat, D, A, k=k: bmat([[k * D, None], [None, A]], format="csr")  # noqa: E731
        same(keep(build, sp.bmat, D, A), expected)
        v = np.array([1.0, k, 1.0, 1.0])
        same(scaled(lambda diags, A, v=v: diags(v) @ A + A, sp.diags, A), sp.diags(v) @ A + A)


def test_rules_that_are_not_scipys_are_found_out_by_the_first_result(monkeypatch):
    A = sp.csr_matrix(np.eye(4) + np.eye(4, k=1))
    monkeypatch.setattr(Entries, "__neg__", lambda self: Entries(self.pattern, -3 * self.values))
    monkeypatch.setattr(Entries, "T", property(lambda self: self))
    for build in (lambda A: -A + 4 * A, lambda A: A.T + 3 * A):
        keep = ByPattern()
        for k in (1.0, 2.0, 3.0):
            same(keep(build, A * k), build(A * k))


def test_what_is_not_understood_is_left_to_the_function():
    A = sp.csr_matrix(np.eye(4) + np.eye(4, k=1))
    for build, given in (
        (lambda A: A.multiply(A) + A, (A,)),
        (lambda A: A * A, (A,)),
        (lambda kron, A: kron(A, A).tocsr() + kron(A, A).tocsr(), (sp.kron, A)),
        (lambda A: A.power(2) + A, (A,)),
        (lambda A: A[:2, :2] + A[2:, 2:], (A,)),
    ):
        keep = ByPattern()
        for _ in range(12):
            same(keep(build, *given).tocsr(), build(*given).tocsr())
        assert keep.misses == 10


def test_errors_are_those_of_the_function():
    A = sp.csr_matrix(np.eye(4))
    with pytest.raises(ValueError, match="inconsistent shapes"):
        ByPattern()(lambda eye, A: A + eye(5), sp.eye, A)
    with pytest.raises(ZeroDivisionError):
        ByPattern()(lambda A: A + (1 // 0) * A, A)


HEAD = """import numpy as np
import scipy.sparse as sp
from scipy.sparse import bmat, diags, eye
from scipy.sparse.linalg import spsolve

n = 40
L = diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n)).tocsr() * 4
I = eye(n)
"""
SCRIPTS = {
    "function": """
def jacobian(u, v):
    a = diags(v ** 2)  # of v
    b = diags(2 * u * v)

    # both
    J11 = I - dt * (0.1 * L - a - 0.3 * I)
    J12 = dt * b
    # the blocks
    return bmat([[J11, J12],
                 [-dt * a, I - dt * (L + b)]], format="csc")


dt = 0.1
u, v = np.linspace(1, 2, n), np.linspace(2, 1, n)
for k in range(6):
    d = spsolve(jacobian(u, v), np.r_[u, v])
    u, v = u - 0.1 * d[:n], v + 0.1 * d[n:]
""",
    "class": """
class Model:
    def __init__(self):
        self.A, self.u = bmat([[L, None], [None, 2 * L]]).tocsr(), np.linspace(1, 2, 2 * n)
        self.C = bmat([[None, I], [I, None]]).tocsr()

    def step(self, dt):
        J = self.A - self.C + sp.diags(self.rate(self.u)) / dt
        self.u = self.u - 0.1 * spsolve(J.tocsc(), self.u)

    def rate(self, u):
        return 1 + u ** 2


model = Model()
for k in range(8):
    model.step(0.1 + 0.01 * k)
u = model.u
""",
    "module level": """
u = np.linspace(1, 2, 2 * n)
A = bmat([[L, I], [I, L]], format="csr")
k = 0
while k < 14:
    D = sp.diags(np.exp(-u))
    J = A @ D - 3 * sp.eye(2 * n)
    if k > 6:
        u = u - 0.1 * spsolve((J - (0.1 * k) * A).tocsc(), u)
    else:
        u = u - 0.1 * spsolve(J.tocsc(), u)
    k += 1
""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_have_the_same_bits(name, tmp_path):
    script = HEAD + SCRIPTS[name]
    (after,) = {one.patches[0].after for one in candidates(script, tmp_path, "keep-pattern", patterns="all")}
    assert "ByPattern()" in after
    np.testing.assert_array_equal(run(after, tmp_path)[0]["u"], run(script, tmp_path)[0]["u"])
    assert not candidates(after, tmp_path, "keep-pattern", patterns="all")
    for comment in ("# of v", "# both", "# the blocks") if name == "function" else ():
        assert comment in after


ORDERS = {
    "something random": "    J = A + diags(np.random.rand(2 * n))\n    u = spsolve(J.tocsc(), u)\n",
    "a printing function": "    J = A + diags(told(u))\n    u = spsolve(J.tocsc(), u)\n",
    "an unseen matrix": "    J = A + made()\n    u = spsolve(J.tocsc(), u)\n",
    "the same values": "    J = A + 3 * sp.eye(2 * n)\n    u = spsolve(J.tocsc(), u)\n",
    "a condition": "    u = spsolve(((A if k else 2 * A)).tocsc() * (k + 1), u)\n",
}
DEFINED = """
def told(u):
    print(u[0])
    return 1 + u ** 2


def made():
    return 2 * A


A = bmat([[L, I], [I, L]], format="csr")
u = np.linspace(1, 2, 2 * n)
for k in range(7):
"""


@pytest.mark.parametrize("name", ORDERS)
def test_what_may_not_be_run_twice_or_gains_nothing_is_left_alone(name, tmp_path):
    assert not candidates(HEAD + DEFINED + ORDERS[name], tmp_path, "keep-pattern", patterns="all")


def test_parts_that_others_need_stay_where_they_are(tmp_path):
    script = (
        HEAD
        + """
u = np.linspace(1, 2, 2 * n)
A = bmat([[L, I], [I, L]], format="csr")


def changed(x):
    x[0] += 1
    return x


for k in range(7):
    D = sp.diags(np.exp(-u))
    J = A - D
    r = changed(u) + 0 * spsolve((J - k * A).tocsc(), D @ u)
    u = 0.5 * r
"""
    )
    found = candidates(script, tmp_path, "keep-pattern", patterns="all")
    assert found
    for one in found:
        assert "J = pattern_J(lambda" in one.patches[0].after
        assert "    D = sp.diags(np.exp(-u))\n" in one.patches[0].after
        now, expected = run(one.patches[0].after, tmp_path)[0], run(script, tmp_path)[0]
        np.testing.assert_array_equal(now["u"], expected["u"])
        assert not one.forgets
