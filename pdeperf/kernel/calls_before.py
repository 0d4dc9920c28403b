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
_COMPARED = (
    ast.Name, ast.Constant, ast.Subscript, ast.Compare, ast.BoolOp, ast.boolop, ast.cmpop, ast.Not,
    ast.USub, ast.UnaryOp, ast.Tuple, ast.expr_context,
)  # fmt: skip
INITIAL = {"int": "0", "npint": "0", "bool": "False", "float": "0.0", "npfloat": "0.0"}
"""What a name holds of which the call is not made."""


def with_calls_before(node: ast.stmt, fresh: ast.stmt, lowering: "Lowering") -> ast.stmt:
    """A lowered statement after its calls that change attributes; as it is where they cannot come first."""
    heads = _evaluated(node, fresh, lowering)
    if not heads or not may_move(node, lowering):
        return fresh
    found = [
        (part, asked)
        for at, head in enumerate(heads)
        for part, asked in _in_order(head, tuple((other, False) for other in heads[:at]))
        if isinstance(part, ast.Call) and id(part) in lowering.changing
    ]
    calls = [call for call, _ in found]
    if not calls or not _keeps_order(fresh, heads, calls, lowering):
        return fresh
    if not all(_may_be_asked_first(call, asked, calls, lowering) for call, asked in found):
        return fresh
    begin, indent = lines_extent(lowering.module, [node])[0], indentation(lowering.module, node)
    body: list[ast.stmt] = []
    for call, asked in found:
        use, text = lowering.uses[id(call)], text_of(call, lowering)
        value = _name(use, lowering)
        names = [value, *(name for name, _ in use.changes)]
        conditions = [_condition(one, holds, text_of(one, lowering)) for one, holds in asked]
        inner = edits_within(call, lowering)
        lowering.edits[:] = [edit for edit in lowering.edits if edit not in inner]
        lowering.edits.append(replace(lowering.module, call, value))
        line, bound = f"{', '.join(names)} = {text}\n", _bound(names, call)
        if asked:
            initial, deeper = INITIAL[use.result.base], "\t" if indent.endswith("\t") else "    "
            insert(begin, f"{indent}{value} = {initial}\n", lowering)
            line = f"if {' and '.join(conditions)}:\n{indent}{deeper}{line}"
            body += [_first_bound(value, initial, call), _at_times(bound, call)]
        else:
            body.append(bound)
        insert(begin, f"{indent}{line}", lowering)
        lowering.changing.discard(id(call))
        Named(call, value).visit(fresh)
    test = ast.copy_location(ast.Constant(True), node)
    return ast.copy_location(ast.If(test=test, body=[*body, fresh], orelse=[]), node)


def text_of(call: ast.expr, lowering: "Lowering") -> str:
    """An expression's text with its edits done."""
    start, end = extent(lowering.module, call)
    inner = edits_within(call, lowering)
    moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in inner]
    return apply(lowering.module.text[start:end], moved)


def edits_within(call: ast.expr, lowering: "Lowering") -> list[Edit]:
    """The edits of a call's own text; what is put before or behind it belongs to others."""
    start, end = extent(lowering.module, call)
    return [
        edit
        for edit in lowering.edits
        if start <= edit.start <= edit.end <= end
        and not (edit.start == edit.end and edit.start in (start, end))
    ]


def insert(begin: int, lines: str, lowering: "Lowering") -> None:
    """Put lines before a statement, after those of other calls, and before what is checked there."""
    for at, edit in enumerate(lowering.edits):
        if edit.start == edit.end == begin and edit.text.startswith(FIRST):
            lowering.edits[at] = Edit(begin, begin, edit.text + lines)
            return
    lowering.edits.append(Edit(begin, begin, FIRST + lines))


def _evaluated(node: ast.stmt, fresh: ast.stmt, lowering: "Lowering") -> list[ast.expr]:
    """The expression that a statement evaluates first, with those of its ``elif`` that it may go on to."""
    match fresh:
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return [value]
        case ast.Return(value=ast.expr() as value):
            return [value]
    found: list[ast.expr] = []
    while isinstance(node, ast.If) and isinstance(fresh, ast.If):
        found.append(fresh.test)
        following = (*node.orelse, *fresh.orelse)
        if len(following) != 2 or not _is_elif(following[0], lowering):
            break
        node, fresh = following
    return found


def _is_elif(node: ast.stmt, lowering: "Lowering") -> bool:
    start, _ = extent(lowering.module, node)
    return isinstance(node, ast.If) and lowering.module.text.startswith("elif", start)


def may_move(node: ast.stmt, lowering: "Lowering") -> bool:
    """Can a line stand before a statement?"""
    above = lowering.module.parents.get(node)
    first = node.test if isinstance(node, ast.If) else node
    alone = owns_lines(lowering.module, [node]) and first.lineno == first.end_lineno
    return alone and not _is_elif(node, lowering) and not isinstance(above, ast.Lambda)


Asked = tuple[tuple[ast.expr, bool], ...]
"""Expressions that are looked at first, and what each must be for another one to be looked at."""


def _in_order(node: ast.expr, asked: Asked) -> Iterator[tuple[ast.expr, Asked]]:
    """The parts of an expression in Python's order, each with what decides whether it is evaluated."""
    inner: list[tuple[ast.expr, Asked]] = []
    match node:
        case ast.BoolOp(op=op, values=values):
            told = [(value, isinstance(op, ast.And)) for value in values]
            inner = [(value, (*asked, *told[:at])) for at, value in enumerate(values)]
        case ast.IfExp(test=first, body=one, orelse=other):
            inner = [(first, asked), (one, (*asked, (first, True))), (other, (*asked, (first, False)))]
        case ast.Compare(left=left, comparators=[first, *_]):
            inner = [(left, asked), (first, asked)]
        case ast.BinOp(left=left, right=right) | ast.Subscript(value=left, slice=right):
            inner = [(left, asked), (right, asked)]
        case ast.UnaryOp(operand=operand):
            inner = [(operand, asked)]
        case ast.Tuple(elts=parts):
            inner = [(part, asked) for part in parts]
        case ast.Call(args=arguments, keywords=words):
            inner = [(part, asked) for part in (*arguments, *(word.value for word in words))]
    for part, conditions in inner:
        yield from _in_order(part, conditions)
    yield node, asked


def _may_be_asked_first(call: ast.Call, asked: Asked, calls: list[ast.Call], lowering: "Lowering") -> bool:
    """May what decides whether a call is made be looked at before the statement, and once more in it?

    Comparisons of what has a name need nothing that is put into the text later on.
    """
    known = {id(part) for one in calls for part in ast.walk(one)}
    parts = [part for one, _ in asked for part in ast.walk(one) if id(part) not in known]
    if any(isinstance(one, ast.UnaryOp) and not _is_written(one) for one in parts):
        return False
    lines = all(one.lineno == one.end_lineno for one, _ in asked)
    plain = lines and all(isinstance(part, _COMPARED) or _is_count(part, lowering) for part in parts)
    return plain and (not asked or lowering.uses[id(call)].result.base in INITIAL)


def _is_written(node: ast.UnaryOp) -> bool:
    """Is it ``not a``, or a negative number that is written down?"""
    return isinstance(node.op, ast.Not) or isinstance(node.operand, ast.Constant)


def _is_count(node: ast.AST, lowering: "Lowering") -> bool:
    """Is it a sum, a product or a remainder of integers, ``k % 3``, or one of their operators?"""
    match node:
        case ast.operator():
            return True  # of what is looked at as a whole
        case ast.BinOp(op=ast.Mod(), right=ast.Constant(value=int(number))) if number > 0:
            parts: tuple[ast.expr, ...] = (node.left,)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult(), left=left, right=right):
            parts = (left, right)
        case _:
            return False
    seen = {part.id: lowering.look(part.id) for part in parts if isinstance(part, ast.Name)}
    return all(
        (isinstance(part, ast.Constant) and type(part.value) is int)
        or (isinstance(part, ast.BinOp) and _is_count(part, lowering))
        or (isinstance(part, ast.Name) and (one := seen[part.id]) is not None and one.kind.base == "int")
        for part in parts
    )


def _condition(node: ast.expr, holds: bool, text: str) -> str:
    if not holds:
        return f"not {text}" if isinstance(node, ast.Name) else f"not ({text})"
    return f"({text})" if isinstance(node, ast.BoolOp | ast.IfExp) else text


def _keeps_order(fresh: ast.stmt, heads: list[ast.expr], calls: list[ast.Call], lowering: "Lowering") -> bool:
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
    looked_at: list[ast.AST] = [*heads] if isinstance(fresh, ast.If) else [fresh]
    outside = [part for one in looked_at for part in ast.walk(one) if id(part) not in inside]
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


def _first_bound(name: str, value: str, call: ast.Call) -> ast.stmt:
    target = ast.copy_location(ast.Name(id=name, ctx=ast.Store()), call)
    number = ast.copy_location(ast.Constant(ast.literal_eval(value)), call)
    return ast.copy_location(ast.Assign(targets=[target], value=number), call)


def _at_times(statement: ast.stmt, call: ast.Call) -> ast.stmt:
    """A branch of which nothing is known but that it is taken at times: what it asks stands in the text."""
    zero, one = (ast.copy_location(ast.Constant(value), call) for value in (0, 1))
    test = ast.copy_location(ast.Compare(left=zero, ops=[ast.Lt()], comparators=[one]), call)
    return ast.copy_location(ast.If(test=test, body=[statement], orelse=[]), call)


class Named(ast.NodeTransformer):
    """A statement with a name in place of one call, or of another expression."""

    def __init__(self, call: ast.expr, name: str) -> None:
        self._call, self._name = call, name

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self._call:
            return ast.copy_location(ast.Name(id=self._name, ctx=ast.Load()), node)
        return self.generic_visit(node)
