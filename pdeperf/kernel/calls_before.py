"""Calls that change attributes within an expression, each on a line before: ``x = 2.0 * rng.next() - 1.0``.

What a compiled function gives back must be bound, which takes a statement. A call may be made before the
rest of its statement if it is made in any case, and if nothing of the rest that Python looks at before it
is what the call changes.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pdeperf.kernel.callee_use import CalleeUse
from pdeperf.source.edits import (
    Edit,
    apply,
    extent,
    indentation,
    lines_extent,
    owns_lines,
    replace,
)
from pdeperf.source.flow import reads
from pdeperf.source.scopes import FUNCTIONS

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

FIRST = "\0"
"""Begins the text of an edit that comes before all others at its place; left out of what is written."""
_SIMPLE = (
    ast.Name, ast.Constant, ast.Subscript, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop,
    ast.Tuple, ast.Call, ast.keyword, ast.expr_context,
)  # fmt: skip


def with_calls_before(node: ast.stmt, fresh: ast.stmt, lowering: "Lowering") -> ast.stmt:
    """A lowered statement after its calls that change attributes; as it is where they cannot come first."""
    where = _evaluated(fresh)
    if where is None or not _may_move(node, lowering):
        return fresh
    calls = [part for part in _always(where) if isinstance(part, ast.Call) and id(part) in lowering.changing]
    if not calls or not _keeps_order(fresh, calls, lowering):
        return fresh
    begin, indent = lines_extent(lowering.module, [node])[0], indentation(lowering.module, node)
    body: list[ast.stmt] = []
    for call in calls:
        use, text = lowering.uses[id(call)], _text(call, lowering)
        value = _name(use, lowering)
        names = [value, *(name for name, _ in use.changes)]
        inner = _edits_within(call, lowering)
        lowering.edits[:] = [edit for edit in lowering.edits if edit not in inner]
        lowering.edits.append(replace(lowering.module, call, value))
        _insert(begin, f"{indent}{', '.join(names)} = {text}\n", lowering)
        body.append(_bound(names, call))
        lowering.changing.discard(id(call))
        _Named(call, value).visit(fresh)
    test = ast.copy_location(ast.Constant(True), node)
    return ast.copy_location(ast.If(test=test, body=[*body, fresh], orelse=[]), node)


def _text(call: ast.Call, lowering: "Lowering") -> str:
    """A call's text with its edits done."""
    start, end = extent(lowering.module, call)
    inner = _edits_within(call, lowering)
    moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in inner]
    return apply(lowering.module.text[start:end], moved)


def _edits_within(call: ast.Call, lowering: "Lowering") -> list[Edit]:
    """The edits of a call's own text; what is put before or behind it belongs to others."""
    start, end = extent(lowering.module, call)
    return [
        edit
        for edit in lowering.edits
        if start <= edit.start <= edit.end <= end
        and not (edit.start == edit.end and edit.start in (start, end))
    ]


def _insert(begin: int, lines: str, lowering: "Lowering") -> None:
    """Put lines before a statement, after those of other calls, and before what is checked there."""
    for at, edit in enumerate(lowering.edits):
        if edit.start == edit.end == begin and edit.text.startswith(FIRST):
            lowering.edits[at] = Edit(begin, begin, edit.text + lines)
            return
    lowering.edits.append(Edit(begin, begin, FIRST + lines))


def _evaluated(statement: ast.stmt) -> ast.expr | None:
    """The expression that a statement evaluates first."""
    match statement:
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return value
        case ast.Return(value=ast.expr() as value) | ast.If(test=value):
            return value
    return None


def _may_move(node: ast.stmt, lowering: "Lowering") -> bool:
    """Can a line stand before a statement?"""
    above = lowering.module.parents.get(node)
    is_elif = isinstance(node, ast.If) and isinstance(above, ast.If) and above.orelse == [node]
    first = node.test if isinstance(node, ast.If) else node
    alone = owns_lines(lowering.module, [node]) and first.lineno == first.end_lineno
    return alone and not is_elif and not isinstance(above, ast.Lambda)


def _always(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are evaluated in any case, in Python's order."""
    inner: list[ast.expr] = []
    match node:
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first):
            inner = [first]
        case ast.Compare(left=left, comparators=[first, *_]):
            inner = [left, first]
        case ast.BinOp(left=left, right=right) | ast.Subscript(value=left, slice=right):
            inner = [left, right]
        case ast.UnaryOp(operand=operand):
            inner = [operand]
        case ast.Tuple(elts=parts):
            inner = parts
        case ast.Call(args=arguments, keywords=words):
            inner = [*arguments, *(word.value for word in words)]
    for part in inner:
        yield from _always(part)
    yield node


def _keeps_order(fresh: ast.stmt, calls: list[ast.Call], lowering: "Lowering") -> bool:
    """Does everything else in a statement see the same, with the calls made before it?"""
    if any(isinstance(part, (*FUNCTIONS, ast.NamedExpr)) for part in ast.walk(fresh)):
        return False
    uses = [lowering.uses[id(call)] for call in calls]
    if not all(use.returns for use in uses):
        return False
    for call in calls:
        given = [*call.args[len(_added(call, lowering)) :], *call.keywords]
        parts = [one for argument in given for one in ast.walk(argument)]
        within = [lowering.uses[id(part)] for part in parts if id(part) in lowering.changing]
        before = {name for inner in within for name, _ in inner.changes}
        if any(inner.stores for inner in within) or any(not isinstance(part, _SIMPLE) for part in parts):
            return False
        extras = {id(name) for part in parts if id(part) in lowering.uses for name in _added(part, lowering)}
        if any(isinstance(one, ast.Name) and one.id in before and id(one) not in extras for one in parts):
            return False
    inside = {id(part) for call in calls for part in ast.walk(call)}
    head = fresh.test if isinstance(fresh, ast.If) else fresh
    outside = [part for part in ast.walk(head) if id(part) not in inside]
    rest = {part.id for part in outside if isinstance(part, ast.Name)}
    if any(use.stores for use in uses) and not all(_is_number(part, lowering) for part in outside):
        return False
    changed = {name for use in uses for name, _ in use.changes}
    streams = {name for call in calls for name in reads(call) if _is_stream(name, lowering)}
    return rest.isdisjoint(changed | streams)


def _added(call: ast.AST, lowering: "Lowering") -> list[ast.expr]:
    """What a compiled function is given besides its arguments."""
    assert isinstance(call, ast.Call)
    use = lowering.uses[id(call)]
    return call.args[: len(use.extras) + len(use.leading)]


def _is_number(node: ast.AST, lowering: "Lowering") -> bool:
    """Is it no array, and nothing of one?"""
    if not isinstance(node, ast.Name):
        return not isinstance(node, ast.Subscript | ast.Attribute | ast.Call)
    seen = lowering.look(node.id)
    return seen is not None and seen.kind.is_scalar


def _is_stream(name: str, lowering: "Lowering") -> bool:
    return name in lowering.kinds and lowering.kinds[name].base == "generator"


def _name(use: CalleeUse, lowering: "Lowering") -> str:
    """A name for what a call returns, ``next_value``."""
    stem = name = f"{use.name.removesuffix('_kernel')}_value"
    count = 2
    while name in lowering.taken or name in lowering.sources:
        name, count = f"{stem}_{count}", count + 1
    lowering.taken |= {name}
    return name


def _bound(names: list[str], call: ast.Call) -> ast.stmt:
    parts: list[ast.expr] = [ast.copy_location(ast.Name(id=name, ctx=ast.Store()), call) for name in names]
    target = ast.copy_location(ast.Tuple(parts, ast.Store()), call)
    return ast.copy_location(ast.Assign(targets=[target], value=call), call)


class _Named(ast.NodeTransformer):
    """A statement with a name in place of one call."""

    def __init__(self, call: ast.Call, name: str) -> None:
        self._call, self._name = call, name

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self._call:
            return ast.copy_location(ast.Name(id=self._name, ctx=ast.Load()), node)
        return self.generic_visit(node)
