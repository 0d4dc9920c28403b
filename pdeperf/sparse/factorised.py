"""Solves written with factors: made before the loops where the matrix stays, else compared at each call."""

import ast
from collections.abc import Mapping, Sequence

from pdeperf.lifetimes.invariants import invariants
from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import before, on_one_line, taken_out
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, owns_lines, replace, segment
from pdeperf.source.flow import reads, writes
from pdeperf.sparse.constancy import Constancy, runs_always
from pdeperf.sparse.held import HELD, is_held
from pdeperf.sparse.methods import Method, guard_of
from pdeperf.sparse.solver_texts import DENSE_FACTORS_KEPT, FACTORS_KEPT, solver_class
from pdeperf.sparse.solves import Loop, Solve
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
    constancy: Constancy,
    module: Module,
    solve: Solve,
    solves: Sequence[Solve],
    remade: dict[Loop, tuple[ast.Assign, ...]],
) -> Loop | None:
    """The loop that makes the matrix anew in every turn, of what stays the same."""
    if not isinstance(solve.matrix, ast.Name):
        return None
    for loop in solve.loops:
        if not owns_lines(module, [loop]):
            continue
        statements = _without(solves, invariants(constancy.meaning.project, module, loop).statements)
        if any(solve.matrix.id in writes(statement) for statement in statements):
            remade[loop] = statements
            return loop
    return None


def _without(solves: Sequence[Solve], statements: Sequence[ast.Assign]) -> tuple[ast.Assign, ...]:
    """Statements that do not solve themselves, nor read what comes of one: these are written anew."""
    nodes = {id(solve.node) for solve in solves}
    left: list[ast.Assign] = []
    solved = frozenset[str]()
    for statement in statements:
        if reads(statement) & solved or any(id(node) in nodes for node in ast.walk(statement)):
            solved |= writes(statement)
        else:
            left.append(statement)
    return tuple(left)


def written(
    module: Module,
    solves: list[Solve],
    loops: dict[Solve, Loop | None],
    remade: dict[Loop, tuple[ast.Assign, ...]],
    methods: Mapping[Solve, Method],
) -> tuple[list[Edit], bool]:
    """The edits, and whether they keep every bit."""
    added = Additions(module)
    edits: list[Edit] = []
    before_loops: dict[Loop, list[str]] = {}
    names: dict[tuple[object, ...], str] = {}
    for around, statements in remade.items():
        before_loops[around], removed = taken_out(module, around, statements)
        edits += removed
    for solve in solves:
        loop, method = loops[solve], methods[solve]
        matrix, options = on_one_line(module, solve.matrix), options_of(module, solve)
        given = ", ".join(solve.given)
        key = (loop, method, matrix if loop else solve.node, options, given)
        if loop is not None:
            if key not in names:
                names[key] = added.name(f"{method.stem}_{word_for(solve.matrix)}")
                more = options + "".join(f", {part}" for part in solve.given)
                made = method.made(added, matrix, more)
                before_loops.setdefault(loop, []).append(f"{names[key]} = {made}")
            factors = names[key]
        else:
            of = "" if method.definition else "of_"
            name = added.name(f"{method.stem}_{of}{word_for(solve.matrix)}")
            added.line(f"{name} = {_keeper(module, solve, method, given, added)}")
            if method.definition:
                edits.append(_solved(module, solve, f"{name}({matrix}, {{b}}{options})"))
                continue
            factors = f"{name}({matrix})"
        edits.append(_solved(module, solve, method.solved(added, factors, "{b}")))
    edits += [before(module, loop, lines) for loop, lines in before_loops.items()]
    return [*added.edits(), *edits], all(method.is_exact for method in methods.values())


def _keeper(module: Module, solve: Solve, method: Method, given: str, added: Additions) -> str:
    """What solves with matrices that may be others, and keeps the factors of the last."""
    held = is_held(module, solve)
    if not method.definition:
        return method.keeper(added, is_held=held)
    once = solver_class(added, method.definition)
    kind = added.definition(HELD if held else guard_of(solve.form), {"FactorisedOnce": once})
    return f"{kind}({given})"


def kept_while_same(meaning: Meaning, module: Module, calls: Sequence[ast.Call]) -> list[Edit]:
    """The edits after which calls that factorise compare their matrix with those before."""
    added = Additions(module)
    edits = []
    for call in calls:
        home, _, function = meaning.full(module, call.func).rpartition(".")
        is_dense = home == "scipy.linalg"
        made = f"{added.alias('dense' if is_dense else 'linalg')}.{function}"
        if call.keywords:
            made = f"lambda A: {made}(A, {', '.join(map(ast.unparse, call.keywords))})"
        name = added.name(f"factors_of_{word_for(call.args[0])}")
        kind = added.definition(DENSE_FACTORS_KEPT if is_dense else FACTORS_KEPT)
        added.line(f"{name} = {kind}({made})")
        edits.append(replace(module, call, f"{name}({segment(module, call.args[0])})"))
    return [*added.edits(), *edits]


def options_of(module: Module, solve: Solve) -> str:
    """The order of the columns, where the user gives one."""
    keywords = solve.node.keywords if isinstance(solve.node, ast.Call) else []
    return "".join(
        f", {keyword.arg}={on_one_line(module, keyword.value)}"
        for keyword in keywords
        if keyword.arg == "permc_spec"
    )


def word_for(node: ast.expr) -> str:
    names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    attributes = [inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=attr):
            return attr
        case _:
            return next((name for name in names if name not in attributes), "system")


def _solved(module: Module, solve: Solve, text: str) -> Edit:
    """The call, with the user's text of the right side, comments included."""
    right = solve.right_text(module)
    if len(solve.right) == 1:
        right = segment(module, solve.right[0])
        if not isinstance(solve.node, ast.Call) and "\n" in right:
            right = ast.unparse(solve.right[0])
    start, end = extent(module, solve.node)
    return Edit(start, end, text.replace("{b}", right))
