"""Which loops are watched, what they carry, where they are cut, which tolerances are found."""

import ast
import textwrap

import pytest

from pdeperf.guest.stopping import Tightening, Truncation
from pdeperf.guest.turns import Turns, carried_names, header_of


def loop(source: str) -> ast.For | ast.While:
    found = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(found, ast.For | ast.While)
    return found


@pytest.mark.parametrize("turns", ["range(nt)", "range(0, nt)", "range(0, nt, 1)"])
def test_one_loop_has_one_header_however_it_is_spelled(turns: str) -> None:
    assert header_of(loop(f"for n in {turns}: pass")) == "for n in range(nt)"


def test_a_scratch_array_that_is_filled_anew_is_not_carried() -> None:
    found = carried_names(
        loop(
            """
            for n in range(nt):
                un = u.copy()
                work[:] = u
                u[1:-1] = un[1:-1] + c * work[2:]
                t += dt
            """
        )
    )
    assert found == {"u", "t"}


def test_an_array_that_is_filled_in_a_branch_only_is_carried() -> None:
    found = carried_names(
        loop(
            """
            while err > tol:
                if n % 2:
                    w[:] = u
                u = w + 1
                err = abs(u - w)
            """
        )
    )
    assert found == {"u", "w", "err"}


def test_what_is_handed_to_a_function_or_has_a_method_called_is_carried() -> None:
    assert carried_names(loop("for n in range(3): step(u, dx); solver.advance()")) >= {"u", "solver"}


def cut(source: str, header: str, turns_count: int) -> dict[str, object]:
    truncation = Truncation(header, turns_count)
    tree = ast.fix_missing_locations(truncation.visit(ast.parse(textwrap.dedent(source))))
    space: dict[str, object] = {}
    exec(compile(tree, "cut", "exec"), space)
    return {**space, "found": truncation.found_count}


def test_a_loop_ends_after_so_many_turns_in_a_function_too() -> None:
    found = cut(
        """
        def run(k):
            for n in range(0, 100):
                k += 1
            return k
        total = run(0) + run(0)
        """,
        "for n in range(100)",
        7,
    )
    assert found["total"] == 14
    assert found["found"] == 1


def test_a_while_loop_ends_too_and_others_do_not() -> None:
    found = cut("i = j = 0\nwhile i < 9:\n    i += 1\nwhile j < 9: j += 1\n", "while i < 9", 4)
    assert (found["i"], found["j"], found["found"]) == (4, 9, 1)


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("while err > tol: pass", 1),
        ("while err > 1e-6 and n < 50: pass", 1),
        ("while n < 100: pass", 0),
        ("while t < t_end - 1e-12: pass", 0),
        ("for k in range(9):\n    if res < self.eps * r0: break", 1),
        ("if res < tol: pass", 0),
        ("for k in range(9):\n    done = err < tol", 1),
        ("x, info = cg(A, b, rtol=1e-8)", 1),
        ("x, info = cg(A, b)", 1),
        ("x = spsolve(A, b)", 0),
        ("s = solve_ivp(f, (0, 1), y)", 2),
        ("stop = tol**2 * b0\nwhile rr > stop: pass", 1),
        ("goal = max(rtol * r0, atol)\nwhile rr > goal: pass", 1),
        ("stop = 2.0 * b0\nwhile rr > stop: pass", 0),
    ],
)
def test_a_solvers_own_tolerance_is_found(source: str, count: int) -> None:
    tightening = Tightening()
    ast.fix_missing_locations(tightening.visit(ast.parse(source)))
    assert tightening.found_count == count


def test_a_tolerance_becomes_a_tenth() -> None:
    tree = Tightening().visit(ast.parse("while err > tol: pass"))
    assert ast.unparse(tree.body[0].test) == "err > tol * 0.1"


def test_every_turn_is_counted_apart_in_functions_and_on_the_top_level() -> None:
    turns = Turns(lambda name, turn, values: None, lambda name: None)
    turns.install()
    text = """
        def march(n):
            while n:
                n -= 1
        for step in range(3000):
            pass
        march(5000)
        """
    tree = ast.fix_missing_locations(turns.transform(ast.parse(textwrap.dedent(text)), "a.py", main="a.py"))
    exec(compile(tree, "a.py", "exec"), {})
    assert turns.counters_count() == (5000, 3000)
