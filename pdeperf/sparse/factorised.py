"""Solves written with factors: made before the loops where the matrix stays, else compared at each call."""

import ast
from collections.abc import Mapping

from pdeperf.lifetimes.invariants import invariants
from pdeperf.lifetimes.text import before, on_one_line, taken_out
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, owns_lines
from pdeperf.source.flow import writes
from pdeperf.sparse.constancy import Constancy, runs_always
from pdeperf.sparse.held import HELD, is_held
from pdeperf.sparse.solver_texts import DENSE_GUARDED, SPARSE, SPARSE_GUARDED, solver_class
from pdeperf.sparse.solves import Form, Loop, Solve
from pdeperf.sparse.written import Additions


def loop_of(constancy: Constancy, module: Module, solve: Solve, reasons: dict[Solve, str]) -> Loop | None:
    """The outermost loop throughout which a matrix stays the same and that can have the factors before it."""
    reasons[solve] = "the matrix may differ from call to call of the function"
    for loop in solve.loops:
        why = constancy.why_not(module, loop, solve.matrix)
        if not why and not owns_lines(module, [loop]):
            why = "the loop shares its line"
        if not why and not constancy.is_known(module, loop, solve.matrix):
            why = "the matrix may not be there yet when the loop begins"
        plain = isinstance(solve.matrix, ast.Name)
        if not why and not plain and not runs_always(module, loop, solve.node):
            why = "the solve does not run in every iteration"
        if not why:
            return loop
        reasons[solve] = why
    return None


def remaking(
    constancy: Constancy, module: Module, solve: Solve, remade: dict[Loop, tuple[ast.Assign, ...]]
) -> Loop | None:
    """The loop that makes the matrix anew in every turn, of what stays the same."""
    if not isinstance(solve.matrix, ast.Name):
        return None
    for loop in solve.loops:
        if not owns_lines(module, [loop]):
            continue
        statements = invariants(constancy.meaning.project, module, loop).statements
        if any(solve.matrix.id in writes(statement) for statement in statements):
            remade[loop] = statements
            return loop
    return None


def written(
    module: Module,
    solves: list[Solve],
    loops: dict[Solve, Loop | None],
    remade: dict[Loop, tuple[ast.Assign, ...]],
    classes: Mapping[Solve, str],
) -> tuple[list[Edit], bool]:
    """The edits, and whether they keep every bit; ``classes`` has the text of the class for each solve."""
    added = Additions(module)
    edits: list[Edit] = []
    before_loops: dict[Loop, list[str]] = {}
    names: dict[tuple[object, ...], str] = {}
    for around, statements in remade.items():
        before_loops[around], removed = taken_out(module, around, statements)
        edits += removed
    for solve in solves:
        loop = loops[solve]
        once = solver_class(added, classes[solve])
        matrix, options = on_one_line(module, solve.matrix), options_of(module, solve)
        given = ", ".join(solve.given)
        key = (loop, solve.form, matrix if loop else solve.node, options, given)
        if loop is None:
            guarded = SPARSE_GUARDED if solve.form is Form.SPARSE else DENSE_GUARDED
            guarded = HELD if is_held(module, solve) else guarded
            kind = added.definition(guarded, {"FactorisedOnce": once})
            names[key] = added.name(f"solve_{_word(solve.matrix)}")
            added.line(f"{names[key]} = {kind}({given})")
            edits.append(_solved(module, solve, names[key], f"{matrix}, ", options))
            continue
        if key not in names:
            names[key] = added.name(f"solve_{_word(solve.matrix)}")
            more = options + "".join(f", {part}" for part in solve.given)
            before_loops.setdefault(loop, []).append(f"{names[key]} = {once}({matrix}{more})")
        edits.append(_solved(module, solve, names[key], "", ""))
    edits += [before(module, loop, lines) for loop, lines in before_loops.items()]
    exact = all(classes[solve] == SPARSE for solve in solves)
    return [*added.edits(), *edits], exact


def options_of(module: Module, solve: Solve) -> str:
    """The order of the columns, where the user gives one."""
    keywords = solve.node.keywords if isinstance(solve.node, ast.Call) else []
    return "".join(
        f", {keyword.arg}={on_one_line(module, keyword.value)}"
        for keyword in keywords
        if keyword.arg == "permc_spec"
    )


def _word(node: ast.expr) -> str:
    names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    attributes = [inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=attr):
            return attr
        case _:
            return next((name for name in names if name not in attributes), "system")


def _solved(module: Module, solve: Solve, name: str, matrix: str, options: str) -> Edit:
    """The call, with the user's text of the right side, comments included."""
    start, end = extent(module, solve.node)
    right = solve.right[-1]
    right_start, right_end = extent(module, right)
    is_pair = isinstance(solve.node, ast.Call) and solve.node.args == [solve.matrix, right]
    if not is_pair:
        return Edit(start, end, f"{name}({matrix}{solve.right_text(module)}{options})")
    assert isinstance(solve.node, ast.Call)
    text = f"{module.text[right_start:right_end]}{options})"
    if not solve.node.keywords:
        text = module.text[right_start:end]
    lead = module.text[extent(module, solve.matrix)[1] : right_start]
    # A parenthesis around the right side alone belongs to it.
    opened = lead.count("(")
    return Edit(start, end, f"{name}({matrix}{'(' * opened}{text}")
