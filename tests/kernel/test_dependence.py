"""What is called independent, what is not, and why."""

import ast
import textwrap

import pytest

from pdeperf.kernel.dependence import Answer, Parallelism, parallelism
from pdeperf.kernel.unsigned import negated_counter

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def ask(source: str, variable: str = "i", **options) -> Parallelism:
    """The verdict on the first loop over a variable in the last function of a source."""
    *helpers, function = ast.parse(textwrap.dedent(source)).body
    loops = [node for node in ast.walk(function) if isinstance(node, ast.For)]
    loop = min((node for node in loops if node.target.id == variable), key=lambda node: node.lineno)
    callees = {helper.name: helper for helper in helpers}
    return parallelism(loop, function, options.pop("arrays", {}), callees, **options)


PLANTED = {
    "jacobi": (YES, """
        def f(u, v, n):
            for i in range(1, n - 1):
                for j in range(1, n - 1):
                    v[i, j] = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
    """),
    "jacobi in place": (NO, """
        def f(u, n):
            for i in range(1, n - 1):
                u[i] = u[i - 1] + u[i + 1]
    """),
    "gauss-seidel": (NO, """
        def f(u, r, n):
            for i in range(1, n - 1):
                for j in range(1, n - 1):
                    u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - r[i, j])
    """),
    "red-black by parity": (YES, """
        def f(u, n):
            for i in range(1, n - 1):
                for j in range(1, n - 1):
                    if (i + j) % 2 == 0:
                        u[i, j] = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
    """),
    "red-black by a start and a stride": (YES, """
        def f(u, n):
            for i in range(1, n - 1):
                for j in range(1 + i % 2, n - 1, 2):
                    u[i, j] = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
    """),
    "red-black whose colours are confused": (NO, """
        def f(u, n):
            for i in range(1, n - 1):
                for j in range(1 + i % 2, n - 1):
                    u[i, j] = u[i - 1, j] + u[i + 1, j]
    """),
    "every other cell": (YES, """
        def f(u, n):
            for i in range(1, n - 1, 2):
                u[i] = u[i - 1] + u[i + 1]
    """),
    "thomas along the line": (NO, """
        def f(a, b, c, d, n):
            for i in range(1, n):
                w = a[i] / b[i - 1]
                b[i] = b[i] - w * c[i - 1]
                d[i] = d[i] - w * d[i - 1]
    """),
    "thomas across lines": (YES, """
        def f(a, b, d, n, m):
            for i in range(m):
                for j in range(1, n):
                    w = a[j] / b[i, j - 1]
                    b[i, j] = b[i, j] - w
                    d[i, j] = d[i, j] - w * d[i, j - 1]
                for j in range(n - 2, -1, -1):
                    d[i, j] = (d[i, j] - d[i, j + 1]) / b[i, j]
    """),
    "shared line buffer": (NO, """
        def f(u, line, n, m):
            for i in range(m):
                for j in range(n):
                    line[j] = u[i, j] * 2.0
                for j in range(n):
                    u[i, j] = line[j]
    """),
    "line buffer of each iteration's own": (YES, """
        def f(u, n, m):
            for i in range(m):
                line = np.empty(n)
                for j in range(n):
                    line[j] = u[i, j] * 2.0
                for j in range(n):
                    u[i, j] = line[j]
    """),
    "scatter": (UNKNOWN, """
        def f(rho, cell, q, n):
            for i in range(n):
                rho[cell[i]] += q[i]
    """),
    "gather": (YES, """
        def f(rho, cell, q, n):
            for i in range(n):
                q[i] = rho[cell[i]]
    """),
    "histogram of one bin": (NO, """
        def f(h, x, n):
            for i in range(n):
                h[0] += x[i]
    """),
    "scatter within one's own row": (YES, """
        def f(h, x, n, m):
            for i in range(n):
                for j in range(m):
                    h[i, int(x[j])] += 1.0
    """),
    "wrap at zero on another array": (YES, """
        def f(u, v, n):
            for i in range(n):
                v[i] = u[i] - u[i - 1]
    """),
    "wrap at zero in place": (NO, """
        def f(u, n):
            for i in range(n):
                u[i] = u[i] - u[i - 1]
    """),
    "last cell read while it is written": (NO, """
        def f(u):
            for i in range(u.shape[0]):
                u[i] = u[-1] + 1.0
    """),
    "last cell read while others are written": (YES, """
        def f(u):
            for i in range(u.shape[0] - 1):
                u[i] = u[-1] + 1.0
    """),
    "start that may be negative": (NO, """
        def f(u, start, n):
            for i in range(start, n):
                u[i] = 1.0
    """),
    "periodic neighbour on another array": (YES, """
        def f(u, v, n):
            for i in range(n):
                v[i] = u[(i + 1) % n] - u[(i - 1) % n]
    """),
    "periodic neighbour in place": (NO, """
        def f(u, n):
            for i in range(n):
                u[i] = u[(i + 1) % n]
    """),
    "periodic write": (YES, """
        def f(u, v, n):
            for i in range(n):
                v[(i + 1) % n] = u[i]
    """),
    "periodic neighbours by branches": (YES, """
        def f(u, v, n):
            for i in range(n):
                ip = i + 1 if i < n - 1 else 0
                im = i - 1
                if i == 0:
                    im = n - 1
                v[im] = u[ip] - u[im]
    """),
    "lower triangle": (YES, """
        def f(a, n):
            for i in range(n):
                for j in range(i):
                    a[i, j] = a[j, i] + 1.0
    """),
    "both triangles": (NO, """
        def f(a, n):
            for i in range(n):
                for j in range(i + 1):
                    a[i, j] = a[j, i] + 1.0
                    a[j, i] = 0.0
                    a[0, j] = 1.0
    """),
    "backwards": (YES, """
        def f(u, v, n):
            for i in range(n - 1, -1, -1):
                v[i] = u[i]
    """),
    "two halves": (YES, """
        def f(u, n):
            for i in range(n):
                u[i] = u[i + n]
    """),
    "even from odd": (YES, """
        def f(u, n):
            for i in range(n):
                u[2 * i] = u[2 * i + 1]
    """),
    "coarse from fine": (NO, """
        def f(u, n):
            for i in range(n):
                u[i // 2] = u[i]
    """),
    "sum": (YES, """
        def f(u, n):
            s = 0.0
            for i in range(n):
                s += u[i] * u[i]
            return s
    """),
    "sum that is also read": (NO, """
        def f(u, v, n):
            s = 0.0
            for i in range(n):
                s += u[i]
                v[i] = s
            return s
    """),
    "largest by max": (YES, """
        def f(u, n):
            m = 0.0
            for i in range(n):
                m = max(m, abs(u[i]))
            return m
    """),
    "largest by a branch, which Numba races on": (NO, """
        def f(u, n):
            m = 0.0
            for i in range(n):
                if u[i] > m:
                    m = u[i]
            return m
    """),
    "updated twice, which Numba refuses": (NO, """
        def f(u, n):
            s = 0.0
            for i in range(n):
                s += u[i]
                s += 1.0
            return s
    """),
    "carried scalar": (NO, """
        def f(u, v, n):
            left = 0.0
            for i in range(n):
                v[i] = u[i] - left
                left = u[i]
    """),
    "private scalar": (YES, """
        def f(u, v, n):
            for i in range(n):
                d = u[i] * 2.0
                d += 1.0
                v[i] = d
    """),
    "scalar set by an inner loop that may not run": (NO, """
        def f(u, v, n, m):
            d = 0.0
            for i in range(n):
                for j in range(m):
                    d = u[j]
                v[i] = d
    """),
    "scalar set on one branch only": (NO, """
        def f(u, v, n):
            d = 0.0
            for i in range(n):
                if u[i] > 0.0:
                    d = u[i]
                v[i] = d
    """),
    "scalar set unless the iteration is skipped": (YES, """
        def f(u, v, n):
            for i in range(n):
                if u[i] > 0.0:
                    d = u[i]
                else:
                    continue
                v[i] = d
    """),
    "last value used later": (NO, """
        def f(u, v, n):
            for i in range(n):
                d = u[i]
                v[i] = d
            return d
    """),
    "loop variable used later": (NO, """
        def f(u, n):
            for i in range(n):
                u[i] = 1.0
            return i
    """),
    "time loop": (NO, """
        def f(u, v, n):
            for i in range(10):
                for j in range(1, n - 1):
                    v[j] = u[j - 1] + u[j + 1]
                u, v = v, u
    """),
    "break": (NO, """
        def f(u, n):
            for i in range(n):
                if u[i] > 1.0:
                    break
                u[i] = 1.0
    """),
    "break of an inner loop": (YES, """
        def f(u, v, n):
            for i in range(n):
                for j in range(n):
                    if u[j] > 1.0:
                        break
                    v[i, j] = 1.0
    """),
    "return": (NO, """
        def f(u, n):
            for i in range(n):
                if u[i] > 1.0:
                    return i
                u[i] = 1.0
            return n
    """),
    "while inside": (YES, """
        def f(u, v, n):
            for i in range(n):
                k = 0
                x = u[i]
                while x > 1.0 and k < 50:
                    x = 0.5 * x
                    k += 1
                v[i] = x
    """),
    "row by an alias": (NO, """
        def f(u, n):
            for i in range(1, n):
                row = u[i]
                row[0] = u[i - 1, 0]
    """),
    "own row by an alias": (YES, """
        def f(u, n):
            for i in range(n):
                row = u[i]
                for j in range(1, n):
                    row[j] = row[j - 1] + u[i, j]
    """),
    "second name of the same array": (NO, """
        def f(u, n):
            w = u
            for i in range(1, n):
                u[i] = w[i - 1]
    """),
    "view of the same array": (UNKNOWN, """
        def f(u, n):
            w = u[1:]
            for i in range(n):
                u[i] = w[i]
    """),
    "whole rows": (YES, """
        def f(u, v, n):
            for i in range(n):
                v[i, :] = 2.0 * u[i, :]
    """),
    "row above": (NO, """
        def f(u, n):
            for i in range(1, n):
                u[i, :] = u[i - 1, :]
    """),
    "helper that reads": (YES, """
        def flux(a, b):
            if a > b:
                return a
            return b
        def f(u, v, n):
            for i in range(1, n - 1):
                v[i] = flux(u[i - 1], u[i]) - flux(u[i], u[i + 1])
    """),
    "helper that reads the array it is given": (NO, """
        def left(a, k):
            return a[k - 1]
        def f(u, n):
            for i in range(1, n):
                u[i] = left(u, i)
    """),
    "helper that writes what nobody said is an array": (UNKNOWN, """
        def put(a, k):
            a[k] = a[k - 1]
        def f(u, n):
            for i in range(1, n):
                put(u, i)
    """),
    "unknown function": (UNKNOWN, """
        def f(u, g, n):
            for i in range(n):
                u[i] = g(u, i)
    """),
    "print": (UNKNOWN, """
        def f(u, n):
            for i in range(n):
                print(i)
    """),
    "random numbers are drawn in order": (UNKNOWN, """
        def f(u, n):
            for i in range(n):
                u[i] = np.random.rand()
    """),
    "same cell by everyone": (NO, """
        def f(u, n):
            for i in range(n):
                u[0] = 1.0
    """),
    "transposed": (NO, """
        def f(u, n):
            for i in range(n):
                for j in range(n):
                    u[i, j] = u[j, i]
    """),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_loop_gets_the_answer_that_it_deserves(name):
    expected, source = PLANTED[name]
    found = ask(source)
    assert found.answer is expected, found.reason
    assert bool(found.reason) is (expected is not YES)


def test_a_helper_that_writes_is_followed_into_the_array_it_is_given():
    source = PLANTED["helper that writes what nobody said is an array"][1]
    assert ask(source, arrays={"u": 1}).answer is NO
    assert ask(source.replace("a[k - 1]", "2.0"), arrays={"u": 1}).answer is YES


@pytest.mark.parametrize("variable", ["i", "j"])
def test_both_loops_of_a_jacobi_sweep_are_independent_if_its_arrays_differ(variable):
    found = ask(PLANTED["jacobi"][1], variable)
    assert (found.answer, found.distinct) == (YES, (("u", "v"),))


def test_an_inner_loop_knows_the_bounds_of_the_loops_around_it():
    source = """
        def f(u, n):
            for k in range(1, n):
                for i in range(n):
                    u[k, i] = u[k - 1, i]
    """
    assert ask(source).answer is YES
    assert ask(source, "k").answer is NO


def test_a_reason_names_the_subscripts_and_the_lines():
    found = ask(PLANTED["gauss-seidel"][1])
    assert "`u[i, j]` written by one iteration (line 5)" in found.reason
    assert "`u[i - 1, j]` (line 5)" in found.reason or "`u[i + 1, j]` (line 5)" in found.reason


def test_a_sum_comes_back_as_a_reduction_and_a_temporary_as_private():
    found = ask("""
        def f(u, n):
            s = 0.0
            for i in range(n):
                d = u[i]
                s += d
            return s
    """)
    assert (found.reductions, found.private) == (("s",), ("d",))


def test_a_maximum_by_a_branch_is_a_reduction_for_those_who_rewrite_it():
    source = PLANTED["largest by a branch, which Numba races on"][1]
    found = ask(source, rewrites_branches=True)
    assert (found.answer, found.reductions, found.branches) == (YES, ("m",), ("m",))


def test_a_module_constant_can_complete_a_proof():
    source = """
        def f(u, n):
            for i in range(G, n):
                u[i] = u[i] + u[G - 2]
    """
    assert ask(source).answer is not YES
    assert ask(source, constants={"G": 2}).answer is YES


def test_arrays_exchanged_around_the_loop_stay_apart_if_they_were_at_entry():
    found = ask("""
        def f(u, v, n, steps):
            for t in range(steps):
                for i in range(1, n - 1):
                    v[i] = u[i - 1] + u[i + 1]
                u, v = v, u
    """)
    assert (found.answer, found.distinct) == (YES, (("u", "v"),))


RING = """
    def f(u, steps):
        u_new = np.empty_like(u)
        spare = np.empty_like(u)
        for n in range(steps):
            for i in range(1, u.size - 1):
                u_new[i] = u[i - 1] + u[i + 1]
            {}
        return u
"""


@pytest.mark.parametrize(
    "turn",
    [
        "u, u_new, spare = u_new, spare, u_new",
        "u, u_new, spare = u_new, spare, u_new[:]",
        "u, u_new, a, b, c, d, e = u_new, u, b, c, d, e, b",
    ],
)
def test_arrays_that_hand_on_their_memory_in_a_ring_stay_apart(turn):
    found = ask(RING.format(turn))
    assert (found.answer, found.distinct) == (YES, ())


@pytest.mark.parametrize(
    "turn",
    [
        "u, u_new, spare = u_new, u_new, spare",
        "u = u_new",
        "u, u_new = u_new, spare",
        "u, u_new, spare = u_new, u_new[:], spare",
        "if n % 2: u, u_new = u_new, spare",
        "u_new, spare = spare, u",
    ],
)
def test_a_ring_that_gives_two_names_one_array_is_seen(turn):
    assert ask(RING.format(turn)).answer is UNKNOWN


TURNS = """
    def f(a, n, steps):
        u = a
        u_new = np.empty_like(a)
        for t in range(steps):
            {}
            row, other = u_new[0:n], u[0:n]
            for i in range(1, n):
                row[i] = other[i - 1]
            u, u_new = u_new, u
"""


def test_views_of_arrays_that_take_turns_are_apart():
    assert ask(TURNS.format("pass")).answer is YES


@pytest.mark.parametrize(
    "before", ["u = a", "if t == 3: u = a", "for u in (a,): pass", "if t: u = other", "(u := a)"]
)
def test_a_name_bound_anew_between_turns_may_meet_the_other(before):
    assert ask(TURNS.format(before)).answer is not YES


def test_rows_of_one_array_are_no_new_arrays():
    found = ask("""
        def f(a, steps):
            u = np.zeros_like(a)
            for n in range(steps):
                v = u[n]
                w = v
                for i in range(1, 10):
                    w[i] = u[n, i - 1]
                u, v = v, u
    """)
    assert found.answer is not YES


def test_a_copy_made_in_the_function_needs_no_check():
    found = ask("""
        def f(u, n):
            un = u.copy()
            for i in range(1, n - 1):
                u[i] = un[i - 1] + un[i + 1]
    """)
    assert (found.answer, found.distinct) == (YES, ())


def test_a_size_read_from_an_array_that_is_rebound_is_not_that_arrays_size():
    found = ask("""
        def f(u, v, steps):
            n = u.shape[0]
            for t in range(steps):
                for i in range(n - 1):
                    u[i] = u[-1]
                u, v = v, u
    """)
    assert found.answer is not YES


def test_a_shadowed_builtin_is_not_the_builtin():
    found = ask("""
        def max(a, b):
            return a[0] + b
        def f(u, n):
            m = 0.0
            for i in range(n):
                m = max(m, u[i])
            return m
    """, resolve=lambda node: "builtins.range" if getattr(node, "id", "") == "range" else "")  # fmt: skip
    assert found.answer is not YES


def test_what_may_be_an_array_is_not_summed_as_a_number():
    source = """
        def f(u, s, n):
            for i in range(n):
                s += u[i]
            return s
    """
    assert ask(source).answer is NO
    assert ask(source, scalars=frozenset(["s"])).reductions == ("s",)


def test_what_may_be_an_array_is_not_updated_under_another_name():
    source = """
        def f(u, p, n):
            for i in range(n):
                x = p
                x += u[i]
    """
    assert ask(source).answer is UNKNOWN
    assert ask(source, scalars=frozenset(["p"])).answer is YES


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("v[i] = u[-i]", "-i"),
        ("k = i + 1; v[i] = u[-k]", "-k"),
        ("v[i] = g(i)", "g(i)"),
        ("while c:\n        for j in range(i):\n            v[j] = u[-j]", "-j"),
        ("v[i] = -u[i] * (-0.5)", None),
        ("x = i * 0.1; v[i] = -x * x", None),
        ("v[i] = u[0 - i] + abs(i - 5)", None),
    ],
)
def test_a_negated_counter_is_seen_before_prange_makes_it_unsigned(line, text):
    loop = ast.parse(f"for i in range(n):\n    {line}").body[0]
    assert isinstance(loop, ast.For)
    found = negated_counter(loop)
    assert (ast.unparse(found) if found else None) == text
