"""Loops with a branch that no kernel can hold and that is taken once in a while: split up to that branch.

::

    for n in range(nt):
        ...
        if n % 100 == 0:
            print(f"{n} {err:.3e}")

The kernel then runs to the next step at which the branch is due, and the script goes on from there::

    n = -1
    while n < nt - 1:
        for n in range(n + 1, nt):
            ...
            if n % 100 == 0:
                break
        if n % 100 == 0:
            print(f"{n} {err:.3e}")
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pdeperf.kernel.blocks import LOOPS
from pdeperf.kernel.callers import calls_of
from pdeperf.kernel.split_text import Parts, SplitText, may_change
from pdeperf.kernel.vocabulary import LIBRARY, qualified
from pdeperf.model import Measurement, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import bound_before, writes
from pdeperf.source.replaced_lines import Row, with_lines
from pdeperf.source.scopes import FUNCTIONS, home_of, scope_of

_MOST_AFTERWARDS = 4
"""Statements after a branch that are written twice, for the steps with it and for those without."""
_KNOWN = LIBRARY | {"builtins.all", "builtins.any"}
_PURE = (
    ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Attribute, ast.Subscript,
    ast.Call, ast.Tuple, ast.GeneratorExp, ast.comprehension, ast.operator, ast.unaryop, ast.boolop,
    ast.cmpop, ast.expr_context,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Split:
    """A project in which one loop is split.

    Attributes
    ----------
    loop
        The lines of the loop as it stands.
    part
        The part of it, in the project, that runs up to the branch.
    """

    project: Project
    loop: Span
    part: ast.stmt


def splits(where: Span, project: Project) -> Iterator[Split]:
    """The project with a loop around a hotspot split, the outermost loop first."""
    for module, loop in _loops(where, project):
        text = _rewritten(module, loop)
        if text is not None:
            rows, fresh = text
            split, places = with_lines(project, module, loop, rows)
            span = module.span(loop)
            seen = (
                Measurement(where=span, metric="type", value=kind, collector="arguments", subject=name)
                for name, kind in fresh.items()
            )
            split = replace(split, observed=(*split.observed, *seen))
            nodes = ast.walk(split[module.file].tree)
            first = places[loop.lineno]
            part = next(node for node in nodes if isinstance(node, LOOPS) and node.lineno == first)
            yield Split(split, module.span(loop), part)


def _loops(where: Span, project: Project) -> Iterator[tuple[Module, ast.For | ast.While]]:
    """Loops around a hotspot, in its function and in those that call it, outermost first."""
    if where.file not in project:
        return
    module = project[where.file]
    found: dict[int, ast.For | ast.While] = {}
    functions: list[ast.FunctionDef] = []
    spans = [(where.first, where.last)]
    while spans:
        first, last = spans.pop()
        for node in module.nodes:
            if not isinstance(node, ast.For | ast.While | ast.FunctionDef):
                continue
            if not (node.lineno <= first and (node.end_lineno or 0) >= last):
                continue
            if isinstance(node, ast.For | ast.While):
                found[node.lineno] = node
            elif node not in functions:
                functions.append(node)
                calls = calls_of(node, module.file, project)
                spans += [(call.lineno, call.lineno) for home, call in calls if home is module]
    for node in module.nodes:
        if isinstance(node, LOOPS) and where.first <= node.lineno and (node.end_lineno or 0) <= where.last:
            found[node.lineno] = node
    for line in sorted(found, key=lambda line: (line - (found[line].end_lineno or line), line)):
        yield module, found[line]


def _rewritten(module: Module, loop: ast.For | ast.While) -> tuple[list[Row], dict[str, str]] | None:
    """The lines of the split loop, and the types of its new names; None where it cannot be split."""
    parts = _parts(module, loop)
    if parts is None or loop.orelse or not _is_plain(module, loop):
        return None
    tests = [branch.test for branch in (*parts.head, *parts.tail) if isinstance(branch, ast.If)]
    if not all(_is_pure(test, module) for test in tests) or not any(
        may_change(test, loop, module) for test in tests
    ):
        return None
    if any(_jumps(part, ast.Continue) for part in loop.body):
        return None
    if any(_jumps(part, ast.Break) for part in (*parts.middle, *parts.rest)):
        return None
    bound = bound_before(home_of(module, loop), loop)
    if any(writes(part) - bound for part in parts.rest):
        return None  # the loop may be left before they are bound
    text = SplitText(module, loop, parts)
    if isinstance(loop, ast.While) and not _is_pure(loop.test, module):
        return None
    rows = text.of_while(loop) if isinstance(loop, ast.While) else text.of_for(loop)
    return (rows, text.fresh) if rows is not None else None


def _parts(module: Module, loop: ast.For | ast.While) -> Parts | None:
    """The branches at the beginning and at the end of a loop's body, or within it."""
    body = loop.body
    can_wait = [_is_branch(part) for part in body]
    last = len(body)
    while last and can_wait[last - 1]:
        last -= 1
    first = 0
    while first < last and can_wait[first]:
        first += 1
    head, tail = body[:first], body[last:]
    head = head if any(map(_stops, head)) else []
    tail = tail if any(map(_stops, tail)) else []
    middle = body[len(head) : len(body) - len(tail)]
    if not (head or tail):
        stopping = [index for index, part in enumerate(body) if can_wait[index] and _stops(part)]
        if not stopping:
            return None
        first, last = stopping[0], stopping[-1] + 1
        while first and can_wait[first - 1]:
            first -= 1
        if not all(can_wait[first:last]):
            return None
        middle, tail, rest = body[:first], body[first:last], body[last:]
        if len(rest) > _MOST_AFTERWARDS or any(isinstance(n, LOOPS) for part in rest for n in ast.walk(part)):
            return None
        return Parts([], middle, tail, rest) if middle else None
    return Parts(head, middle, tail, []) if middle and not any(map(_stops, middle)) else None


def _is_branch(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and not statement.orelse


def _stops(statement: ast.stmt) -> bool:
    """Is there a call for its effect, a text that is made, a file that is opened?"""
    return _is_branch(statement) and any(
        isinstance(node, ast.JoinedStr | ast.With | ast.Dict)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in ast.walk(statement)
    )


def _is_plain(module: Module, loop: ast.For | ast.While) -> bool:
    """Do its statements stand on lines of their own, with no text over several lines?"""
    texts = (node for node in ast.walk(loop) if isinstance(node, ast.Constant | ast.JoinedStr))
    several = (node for node in texts if node.lineno != node.end_lineno)
    on_lines = all(owns_lines(module, [part]) for part in (loop, *loop.body))
    return on_lines and loop.body[0].lineno > loop.lineno and not any(True for _ in several)


def _is_pure(test: ast.expr, module: Module) -> bool:
    """May it be asked twice?"""
    for node in ast.walk(test):
        if not isinstance(node, _PURE):
            return False
        if isinstance(node, ast.Call) and qualified(node.func, module, scope_of(module, test)) not in _KNOWN:
            return False
    return True


def _jumps(statement: ast.stmt, kind: type[ast.stmt]) -> bool:
    """Is there a ``break`` or ``continue`` that belongs to the loop around a statement?"""
    if isinstance(statement, (*LOOPS, *FUNCTIONS, ast.ClassDef)):
        return False
    blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
    blocks += [handler.body for handler in getattr(statement, "handlers", [])]
    return isinstance(statement, kind) or any(_jumps(part, kind) for block in blocks for part in block)
