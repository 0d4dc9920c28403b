"""Which statements around a hot place are written as loops together."""

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence

from pdeperf.arrays.callbacks import calls_of
from pdeperf.arrays.callees import definition
from pdeperf.arrays.neighbours import with_neighbours
from pdeperf.arrays.reshaped import taken_apart
from pdeperf.model import Span
from pdeperf.source import Module, Project
from pdeperf.source.scopes import FUNCTIONS, home_of, scope_of, statement_of

_LOOPS = (ast.For, ast.While)
_FEW, _MOST_RUNS = 3, 2
"""Of what stands in a loop that cannot be written: assignments in a row, and such runs."""


def regions_of(project: Project, module: Module, where: Span) -> Iterator[Sequence[ast.stmt]]:
    """Loops or functions that call the function of the hot place, loops around it, its statements, a few.

    A loop comes with the statements beside it first, if these go line by line with it.
    """
    inside = [
        node
        for node in module.nodes
        if isinstance(node, ast.stmt) and where.first <= node.lineno <= where.last
    ]
    if not inside:
        return
    first = min(inside, key=lambda node: (node.lineno, node.col_offset))
    around = [first]
    for above in module.ancestors(first):
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            break
        if isinstance(above, ast.stmt):
            around.append(above)
    loops = [node for node in reversed(around) if isinstance(node, _LOOPS)]
    function = next((above for above in module.ancestors(first) if isinstance(above, ast.FunctionDef)), None)
    if function is not None:
        calling = list(_calling_loops(project, module, function))
        for loop in calling:
            yield [loop]
        for above in _functions_between(project, module, function) if calling else ():
            yield from _of_body(above, above.body[-1].lineno, module)
        if not calling and not loops:
            for above in reversed(functions_without_loops(project, module, where)[1:]):
                yield from _of_body(above, above.body[-1].lineno, module)
    for loop in loops:
        if (together := with_neighbours(project, module, loop)) is not None:
            yield together
        yield [loop]
    if not loops and function is not None:
        yield from _of_body(function, first.lineno, module)
    if loops and (together := _statements_around(module, first)):
        yield together
    if not loops and function is not None:
        yield from _calling_statements(project, module, function)


def _of_body(function: ast.FunctionDef, line: int, module: Module) -> Iterator[Sequence[ast.stmt]]:
    """The statements of a function without its return, then those after it has taken its arrays apart."""
    body = [node for node in function.body if not _says_nothing(node)]
    # Checks read names, which is not allowed before these are declared.
    declared = [node for node in function.body if isinstance(node, ast.Global | ast.Nonlocal)]
    body = [node for node in body if not declared or node.lineno > declared[-1].lineno]
    apart = taken_apart(function, module)
    while body and isinstance(body[-1], ast.Return):
        body.pop()
    if body and body[0].lineno <= line:
        yield body
    rest = [node for node in body if apart is not None and node.lineno > apart.lineno]
    if apart is not None and rest and rest[0].lineno <= line:
        yield rest


def functions_without_loops(
    project: Project, module: Module, where: Span, depth: int = 3
) -> list[ast.FunctionDef]:
    """The function of a hot place and those that call it, where no loop is around any of them.

    An integrator calls them: nothing in this file calls the last. Empty otherwise.
    """
    inside = [node for node in module.nodes if isinstance(node, ast.stmt) and node.lineno >= where.first]
    first = min(inside, key=lambda node: (node.lineno, node.col_offset), default=None)
    around = list(module.ancestors(first)) if first is not None else []
    found = [above for above in around if isinstance(above, ast.FunctionDef)][:1]
    if not found or any(isinstance(each, _LOOPS) for each in around[: around.index(found[0])]):
        return []
    is_passed_on = False
    for function in found:
        calls = list(calls_of(function, module, known_as(project, module, function)))
        is_passed_on = is_passed_on or not calls
        for call in calls:
            above = list(module.ancestors(call))
            own = next((each for each in above if isinstance(each, ast.FunctionDef)), None)
            if any(isinstance(each, _LOOPS) for each in (above[: above.index(own)] if own else above)):
                return []
            if own is not None and own not in found:
                if len(found) > depth:
                    return []
                found.append(own)
    return found if is_passed_on else []


def _calling_statements(
    project: Project, module: Module, function: ast.FunctionDef
) -> Iterator[Sequence[ast.stmt]]:
    """The assignments in loops that call a function, where what else these loops do cannot be written."""
    known = known_as(project, module, function)
    seen: set[int] = set()
    for call in calls_of(function, module, known):
        statement = statement_of(module, call)
        above = itertools.takewhile(lambda node: not isinstance(node, FUNCTIONS), module.ancestors(statement))
        if id(statement) in seen or not any(isinstance(node, _LOOPS) for node in above):
            continue
        together = _statements_around(module, statement, function.name)
        seen |= {id(each) for each in together}
        if together:
            yield together


def _statements_around(module: Module, first: ast.stmt, called: str = "") -> list[ast.stmt]:
    """The assignments around a hot one that call none of the file's functions, or no other than one."""
    block = next(
        (
            block
            for name in ("body", "orelse", "finalbody")
            if isinstance(block := getattr(module.parents[first], name, None), list) and first in block
        ),
        [],
    )

    is_plain = _plain(module, called)
    if not is_plain(first):
        return []
    start = stop = block.index(first)
    while start and is_plain(block[start - 1]):
        start -= 1
    while stop + 1 < len(block) and is_plain(block[stop + 1]):
        stop += 1
    return block[start : stop + 1]


def runs_within(module: Module, where: Span) -> list[list[ast.stmt]]:
    """The longest assignments in a row in a hot loop's body that call none of the file's functions."""
    loop = next(
        (node for node in module.nodes if isinstance(node, _LOOPS) and node.lineno == where.first), None
    )
    parted = itertools.groupby(loop.body if loop is not None else (), _plain(module))
    runs = [list(run) for is_plain, run in parted if is_plain]
    return sorted((run for run in runs if len(run) >= _FEW), key=len, reverse=True)[:_MOST_RUNS]


def _plain(module: Module, called: str = "") -> Callable[[ast.stmt], bool]:
    """Is a statement an assignment that calls none of the file's functions, or no other than one?"""
    own = {node.name for node in module.all(ast.FunctionDef)} - {called}

    def is_plain(node: ast.stmt) -> bool:
        return isinstance(node, ast.Assign | ast.AugAssign) and not any(
            isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in own
            for part in ast.walk(node)
        )

    return is_plain


def _calling_loops(
    project: Project, module: Module, function: ast.FunctionDef, depth: int = 3
) -> Iterator[ast.stmt]:
    """Outermost loops of this file that call a function, directly or through others, the widest first."""
    direct: list[ast.stmt] = []
    through: list[ast.FunctionDef] = []
    known = known_as(project, module, function)
    for node in calls_of(function, module, known):
        own_name = definition(node.func, module, scope_of(module, home_of(module, node)))
        if own_name is not function and (own_name is not None or ast.unparse(node.func) not in known):
            continue
        above = list(module.ancestors(node))
        own = next((each for each in above if isinstance(each, ast.FunctionDef)), None)
        if own is function:
            continue
        inside = above[: above.index(own)] if own is not None else above
        loops = [each for each in inside if isinstance(each, _LOOPS)]
        if loops and loops[-1] not in direct:
            direct.append(loops[-1])
        elif not loops and own is not None and own not in through:
            through.append(own)
    if depth:
        outer = [each for each in (*through, *_functions_of(module, direct)) if each is not function]
        for one in dict.fromkeys(outer):
            yield from _calling_loops(project, module, one, depth - 1)
    yield from direct


def _functions_between(
    project: Project, module: Module, function: ast.FunctionDef, depth: int = 3
) -> list[ast.FunctionDef]:
    """Functions that call one, directly or through others, no loop around a call; the widest first."""
    found, level = [function], [function]
    for _ in range(depth):
        above: list[ast.FunctionDef] = []
        for one in level:
            for call in calls_of(one, module, known_as(project, module, one)):
                around = list(module.ancestors(call))
                own = next((each for each in around if isinstance(each, ast.FunctionDef)), None)
                is_inside = own is not None and any(
                    isinstance(each, _LOOPS) for each in around[: around.index(own)]
                )
                if own is not None and not is_inside and own not in (*found, *above):
                    above.append(own)
        level = above
        found += above
    return found[:0:-1]


def _functions_of(module: Module, statements: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef]:
    for statement in statements:
        owner = home_of(module, statement)
        if isinstance(owner, ast.FunctionDef):
            yield owner


def known_as(project: Project, module: Module, function: ast.FunctionDef) -> frozenset[str]:
    """Names and paths that were seen to stand for a function."""
    place, name = f"{module.file}:{function.lineno}:", function.name
    return frozenset(
        row.subject
        for row in project.observed
        if isinstance(row.value, str)
        and row.value.startswith(place)
        and row.value.removeprefix(place).rpartition(".")[2] == name
    )


def _says_nothing(node: ast.stmt) -> bool:
    """A docstring, or a declaration."""
    if isinstance(node, ast.Global | ast.Nonlocal):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
