"""Matrices that are computed by their values in known patterns have every bit that SciPy gives them."""

import ast
import random

import numpy as np
import pytest
import scipy.sparse as sp
from rewriting import candidates, run

from pdeperf.sparse.pattern_text import of_known_pattern
from pdeperf.sparse.pattern_values import Values, Where

NAMES = {"np": np, "sp": sp}
text = of_known_pattern(scaled=True)
for home, name in (("numpy", "np"), ("sparse", "sp")):
    text = text.replace(f"{{{home}}}", name)
exec(text, NAMES)
InKnownPattern = NAMES["InKnownPattern"]


class Named(Values):
    """Reads expressions of matrices with capitals for names."""

    def _formats(self, node, where):
        return ["scipy.sparse._csr.csr_matrix"] if ast.unparse(node) in ("A", "B", "C", "D", "S") else []

    def _is_plain(self, node, where):
        names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        return not names & {"A", "B", "C", "D", "S", *GIVEN}


class Meaning:
    def full(self, module, func):
        return f"scipy.sparse.{ast.unparse(func)}"


def both(body):
    """The texts of two functions: a matrix as SciPy computes it, and its values."""
    tree = ast.parse(body, mode="eval").body
    reader = Named(Meaning(), None, "at")
    values = reader.of(tree, Where(statement=ast.Pass()))
    assert values is not None, body
    return f"lambda: {body}", f"lambda at: {ast.unparse(values)}"


class Keep:
    """One matrix, computed by values wherever it can be."""

    def __init__(self, body):
        self.build, self.values = both(body)
        self.inner = InKnownPattern()

    def __call__(self, **names):
        given = {"np": np, "sp": sp, **GIVEN, **names}
        return self.inner(eval(self.build, given), eval(self.values, given))

    def check(self, **names):
        same(self(**names), eval(self.build, {"np": np, "sp": sp, **GIVEN, **names})())

    @property
    def is_fast(self):
        """Was the last one computed by its values?"""
        return self.inner.misses == 0


def same(one, other):
    assert type(one) is type(other) and one.shape == other.shape and one.dtype == other.dtype
    for part in ("data", "indices", "indptr"):
        mine, theirs = getattr(one, part), getattr(other, part)
        assert mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes(), part


GIVEN = {name: getattr(sp, name) for name in "diags eye identity spdiags bmat".split()}
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
    keep = Keep(body)
    draw = np.random.default_rng(seed)
    for turn in range(4):
        names = dict(zip("ABCD", matrices(n, draw), strict=True))
        names |= {"v": draw.standard_normal(n), "w": draw.standard_normal(n), "s": 0.3 + turn, "n": n}
        if turn == 2 and n > 2:
            names["v"][1] = 0.0
        try:
            eval(keep.build, {"np": np, **GIVEN, **names})()
        except ValueError as error:
            with pytest.raises(ValueError, match=str(error)[:6]):
                keep(**names)
            return
        keep.check(**names)


def test_values_alone_are_computed_where_all_patterns_were_there_before():
    A = sp.random(9, 9, 0.3, random_state=1, format="csr")
    keep = Keep("(A + diags(v)).tocsc()")
    for turn in range(4):
        keep.check(A=A * (1.5 + turn), v=np.full(9, 1.0 + turn))
        assert keep.inner.misses == max(3 - turn, 0)
    runs = []
    keep.inner(lambda: runs.append("built"), eval(keep.values, {"A": A, "v": np.ones(9)}))
    assert not runs


def test_a_result_is_nobody_elses():
    keep = Keep("2.0 * A + A")
    A = sp.random(9, 9, 0.3, random_state=1, format="csr")
    found = [keep(A=A) for _ in range(3)]
    found[0].indices[:] = 0
    found[1].data[:] = 7.0
    found[1].indices[:] = 0
    same(found[2], (2.0 * A + A).tocsr())
    found[1].data[:] = 0.0
    found[1].eliminate_zeros()
    found[2].indices[:] = 0
    keep.check(A=A)


def test_a_sum_that_is_zero_is_not_stored_as_before():
    A = sp.csr_matrix(np.array([[1.0, 2.0], [0.0, 3.0]]))
    keep, scaled = Keep("A + diags(v)"), Keep("number * A + A")
    for v in ([5.0, 6.0], [4.0, 1.0], [-1.0, 1.0], [2.0, 2.0], [0.0, 1.0], [0.0, 2.0]):
        keep.check(A=A, v=np.array(v))
        scaled.check(A=A, number=v[0])


def test_explicit_zeros_duplicates_and_unsorted_entries_are_left_to_scipy_or_the_same():
    rows, starts = np.array([1, 0, 0, 2]), np.array([0, 2, 3, 4])
    odd = {
        "unsorted": sp.csr_matrix((np.array([1.0, 2.0, 3.0, 4.0]), rows, starts), shape=(3, 3)),
        "zeros": sp.csr_matrix((np.array([1.0, 0.0, 3.0, 4.0]), np.sort(rows), [0, 2, 3, 4]), shape=(3, 3)),
        "twice": sp.csr_matrix((np.ones(4), np.array([0, 0, 1, 2]), [0, 2, 3, 4]), shape=(3, 3)),
    }
    for A in odd.values():
        keep, blocks = Keep("B + eye(3)"), Keep("bmat([[B, None], [None, B]], format='csc')")
        for factor in (1.0, 2.0, 3.0):
            keep.check(B=A * factor)
            blocks.check(B=A * factor)


def test_an_explicit_zero_that_gets_a_value_is_there():
    keep = Keep("A + B")
    A, B = sp.csr_matrix(np.eye(3)), sp.csr_matrix(np.ones((3, 3)))
    for value in (0.0, 0.0, 2.0, 2.0, 0.0):
        B.data[1] = value
        keep.check(A=A, B=B)


def test_duplicates_whose_first_is_zero_are_not_taken_for_single_entries():
    keep = Keep("A + eye(3)")
    A = sp.csr_matrix((np.array([0.0, 2.0, 1.0, 1.0]), np.array([0, 0, 1, 2]), [0, 2, 3, 4]), shape=(3, 3))
    for value in (0.0, 0.0, 3.0):
        A.data[0] = value
        keep.check(A=A.copy())


@pytest.mark.parametrize("kind", [int, np.float32, complex, bool])
def test_types_of_values_stay(kind):
    keep = Keep("A * number + A.T")
    A = sp.csr_matrix(np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]]).astype(kind))
    for number in (2, 2.5, 1j, 3):
        keep.check(A=A, number=number)


def test_numbers_of_another_type_change_the_type_of_the_result():
    keep = Keep("A + number * A")
    A = sp.csr_matrix(np.array([[1, 1], [0, 1]]))
    for number in (2, 2.0, 3, 3.0, 2 + 1j):
        keep.check(A=A, number=number)


def test_a_pattern_that_changes_is_found_anew():
    keep = Keep("A + diags(v)")
    for turn in range(8):
        A = sp.csr_matrix(np.eye(5) + np.eye(5, k=1 + turn // 3))
        keep.check(A=A, v=np.ones(5) * (turn + 1))
    assert keep.inner.misses < 30


def test_matrices_and_arrays_of_one_pattern_are_told_apart():
    A, D = sp.csr_matrix(np.eye(5) + np.eye(5, k=1)), sp.diags([3.0], [0], shape=(5, 5))
    keep, diagonal = Keep("(2.0 * A + D).tocsr()"), Keep("(2.0 * D + D).tocsr()")
    for kind in (sp.csr_matrix, sp.csr_array, sp.csc_matrix, sp.lil_matrix, sp.lil_array, sp.csr_matrix):
        keep.check(A=kind(A), D=D)
    for kind in (sp.dia_matrix, sp.dia_array, sp.dia_matrix, sp.dia_array):
        diagonal.check(D=kind(D))


def test_other_offsets_and_columns_are_other_patterns():
    keep, given, twice = Keep("A + diags(v, k)"), Keep("A + D"), Keep("A - S")
    listed = Keep("A + diags([v], [k], shape=(6, 6))")
    A = sp.csr_matrix(np.eye(6))
    for k in (1, 2, 1, 2, 1, 2):
        v = np.arange(1.0, 7.0 - k)
        keep.check(A=A, v=v, k=k)
        listed.check(A=A, v=v, k=k)
        given.check(A=A, D=sp.diags([np.ones(6 - k), np.ones(6)], [k, 0]))
        S = sp.csr_matrix((np.arange(1.0, 5.0), (np.arange(4), (np.arange(4) + k) % 6)), shape=(6, 6))
        twice.check(A=A, S=S)


def test_a_diagonal_that_goes_to_the_other_side_is_another_pattern():
    keep = Keep("A + diags(v, k)")
    A, v = sp.csr_matrix(np.eye(6) + np.eye(6, k=1) + np.eye(6, k=-1)), np.arange(1.0, 6.0)
    for k in (1, 1, -1, -1, 1):
        keep.check(A=A, v=v, k=k)


def test_a_diagonal_that_is_transposed_is_on_the_other_side():
    keep = Keep("A + diags(v, 1).T + diags([v, w], [-1, 2]).T")
    for factor in (1.0, 2.0, 3.0, 4.0):
        keep.check(A=factor * sp.csr_matrix(np.eye(6)), v=np.arange(1.0, 6.0), w=np.arange(1.0, 5.0))
    assert keep.inner.misses == 0


def test_a_factor_that_is_zero_leaves_what_scipy_leaves():
    keep, scaled = Keep("bmat([[k * D, None], [None, A]], format='csr')"), Keep("diags(v) @ A + A")
    A, D = sp.csr_matrix(np.eye(4) + np.eye(4, k=1)), sp.diags([np.arange(1.0, 5.0)], [0])
    for k in (1.0, 2.0, 0.0, 3.0):
        keep.check(D=D, A=A, k=k)
        scaled.check(A=A, v=np.array([1.0, k, 1.0, 1.0]))


def test_a_factor_that_is_infinite_does_not_reach_other_entries():
    A, B = sp.csr_matrix(np.eye(3)), sp.csr_matrix(np.eye(3, k=1))
    keep, scaled = Keep("k * A + B"), Keep("diags(v) @ A + B")
    for k in (1.0, 2.0, np.inf, np.nan, 2.0):
        for one in (keep(A=A, B=B, k=k), scaled(A=A, B=B, v=np.array([1.0, k, 1.0]))):
            assert np.isfinite(one.toarray()[0, 1])
        np.testing.assert_array_equal(keep(A=A, B=B, k=k).toarray(), (k * A + B).toarray())


@pytest.mark.parametrize("blocks", [False, True])
def test_rows_and_columns_are_multiplied_in_their_block(blocks):
    body = "diags(v) @ (A - 2 * B) + (A @ diags(w)).T - (diags(v) @ A) @ diags(w)"
    keep = Keep(f"bmat([[None, {body}], [C, None]], format='csr')" if blocks else f"({body}).tocsc()")
    draw = np.random.default_rng(1)
    for _ in range(4):
        names = dict(zip("ABCD", matrices(9, draw), strict=True))
        keep.check(**names, v=draw.standard_normal(9), w=draw.standard_normal(9))
    assert keep.inner.misses == 0


def test_a_longer_vector_is_an_error_as_before():
    keep = Keep("diags(v) @ A + A")
    A = sp.csr_matrix(np.eye(4) + np.eye(4, k=1))
    keep.check(A=A, v=np.ones(4))
    keep.check(A=A, v=np.ones(4))
    with pytest.raises(ValueError, match="mismatch"):
        keep(A=A, v=np.ones(5))


def test_values_that_are_not_scipys_are_found_out_by_the_first_result():
    A = sp.csr_matrix(np.eye(4) + np.eye(4, k=1))
    keep = InKnownPattern()
    for k in (1.0, 2.0, 3.0):
        same(keep(lambda k=k: A + k * A.T, lambda at, k=k: at(A) + k * at(A)), A + k * A.T)


@pytest.mark.parametrize(
    "body",
    ["A.multiply(A) + A", "A * A", "kron(A, A)", "A.power(2) + A", "A[:2, :2] + A[2:, 2:]", "A @ A + A",
     "bmat([[bmat([[A]]), A]])", "bmat([[A]]).T", "A * B + A"],
)  # fmt: skip
def test_what_is_not_understood_has_no_values(body):
    with pytest.raises(AssertionError):
        both(body)


def test_errors_are_those_of_the_function():
    A = sp.csr_matrix(np.eye(4))
    with pytest.raises(ValueError, match="inconsistent shapes"):
        Keep("A + eye(5)")(A=A)
    with pytest.raises(ZeroDivisionError):
        Keep("A + (1 // 0) * A")(A=A)


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
    assert "InKnownPattern()" in after
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
