"""What functions change of the objects that they are given, ``self.t += dt``, and give back when compiled.

Compiled code cannot reach into an object. It is given the number or the array that an attribute is, and
gives back what the attribute is to be; whoever calls it binds that, and the call site stores it in the end.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pdeperf.kernel.callee_use import CalleeUse, Problem
from pdeperf.kernel.kinds import UNKNOWN, Kind
from pdeperf.kernel.outer_names import bound_by_call
from pdeperf.kernel.paths import is_column
from pdeperf.kernel.returns import ends
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, owns_lines
from pdeperf.source.flow import reach
from pdeperf.source.scopes import own_nodes

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

_ALONE = "write the call on a line of its own: result = {}"


def changed_paths(
    node: ast.FunctionDef | ast.Lambda,
    statements: Sequence[ast.stmt],
    kinds: Mapping[str, Kind],
    lowering: "Lowering",
) -> tuple[tuple[str, Kind], ...]:
    """A function's own names of the attributes and entries that it binds anew, and what they become.

    Parameters
    ----------
    statements
        Its body, lowered.
    kinds
        Kinds of all its names.
    """
    stored = dict.fromkeys(
        part.id
        for statement in statements
        for part in ast.walk(statement)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and part.id in lowering.sources
    )
    if not stored:
        return ()
    for name in stored:
        kind, text = kinds.get(name, UNKNOWN), lowering.sources[name]
        if is_column(text) or not (kind.is_array or (kind.is_scalar and kind.base != "f32")):
            lowering.problem(node, f"it changes `{text}`")
    if isinstance(node, ast.Lambda) or not owns_lines(lowering.module, node.body):
        lowering.problem(node, f"it changes `{lowering.sources[next(iter(stored))]}` in one line")
    elif any(isinstance(part, ast.Return) for one in lowering.repeated for part in ast.walk(one)):
        lowering.problem(node, "it returns from a loop that is written out")
    elif returns_something(node) and not _always_returns_something(node):
        lowering.problem(node, "it returns something at times, and at times nothing")
    return tuple((name, kinds.get(name, UNKNOWN)) for name in stored)


def carried(changes: Sequence[tuple[str, Kind]], statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Of what a function gives back, that which it may leave as it was: it is given these, too."""
    leaves = [any(isinstance(part, ast.Return) for part in ast.walk(one)) for one in statements[:-1]]
    first = leaves.index(True) if True in leaves else len(statements)
    last = statements[-1] if statements else None
    if first == len(statements) and last is not None and not isinstance(last, ast.Return):
        first -= any(isinstance(part, ast.Return) for part in ast.walk(last))
    return frozenset(name for name, _ in changes) - reach(statements[:first]).surely


def returns_something(node: ast.FunctionDef | ast.Lambda) -> bool:
    """Does a function return a value anywhere?"""
    return isinstance(node, ast.Lambda) or any(one.value is not None for one in _returns(node))


def _always_returns_something(node: ast.FunctionDef) -> bool:
    return ends(node.body) and all(one.value is not None for one in _returns(node))


def _returns(node: ast.FunctionDef) -> Iterator[ast.Return]:
    return (part for part in own_nodes(node) if isinstance(part, ast.Return))


def return_edits(module: Module, node: ast.FunctionDef, names: Sequence[str]) -> Iterator[Edit]:
    """What makes each ``return`` give back the changed attributes as well."""
    given = ", ".join(names)
    for one in _returns(node):
        start, end = extent(module, one if one.value is None else one.value)
        if one.value is None:
            yield Edit(end, end, f" {given}")
        elif isinstance(one.value, ast.Tuple | ast.IfExp) or "\n" in module.text[start:end]:
            yield Edit(start, start, "(")
            yield Edit(end, end, f"), {given}")
        else:
            yield Edit(end, end, f", {given}")


def last_return(node: ast.FunctionDef, names: Sequence[str]) -> str:
    """The line that gives the attributes back where control runs off the end."""
    return "" if not names or ends(node.body) else f"    return {', '.join(names)}\n"


def of_call(
    call: ast.Call,
    changes: Sequence[tuple[str, Kind]],
    names: Mapping[str, str],
    caller: "Lowering",
) -> tuple[tuple[str, Kind], ...] | Problem:
    """A function's changes by the caller's names.

    Parameters
    ----------
    names
        The caller's name of each of the function's.
    """
    found = tuple((names[name], kind) for name, kind in changes)
    everything = [*names.values()]
    for name, _ in found:
        if everything.count(name) > 1:  # the function would see its own change by one name only
            return Problem(call.lineno, f"`{name}` is changed, and is known by two names there")
        bound_by_call(name, caller)
    return found


def taken(node: ast.stmt, fresh: ast.stmt, lowering: "Lowering") -> ast.stmt:
    """A lowered statement in which the names of changed attributes are bound to what a call gives back."""
    match node, fresh:
        case ast.Expr(), ast.Expr(value=ast.Call() as call) if use := _changing(call, lowering):
            unused = [_unused(lowering)] if use.returns else []
            start, _ = extent(lowering.module, node)
            names = [*unused, *(name for name, _ in use.changes)]
            lowering.edits.append(Edit(start, start, f"{', '.join(names)} = "))
            made = [_stored(name, node) for name in names]
        case ast.Assign(), ast.Assign(targets=[target], value=ast.Call() as call) if (
            (use := _changing(call, lowering)) and use.returns and _is_plain(target, use)
        ):
            start, end = extent(lowering.module, node.targets[0])
            is_tuple = isinstance(target, ast.Tuple)
            names = [name for name, _ in use.changes]
            if is_tuple:
                lowering.edits.append(Edit(start, start, "("))
            lowering.edits.append(Edit(end, end, f"{')' * is_tuple}, {', '.join(names)}"))
            made = [target, *(_stored(name, node) for name in names)]
        case _:
            return fresh
    lowering.changing.discard(id(call))
    whole = made[0] if len(made) == 1 else ast.copy_location(ast.Tuple(made, ast.Store()), node)
    return ast.copy_location(ast.Assign(targets=[whole], value=call), node)


def kinds_given_back(node: ast.expr, uses: Mapping[int, CalleeUse]) -> list[Kind]:
    """Kinds of what a call of a function that changes attributes gives back, one by one."""
    use = uses.get(id(node))
    if use is None or not use.changes:
        return []
    return [use.result] * use.returns + [kind for _, kind in use.changes]


def untaken(statements: Sequence[ast.stmt], lowering: "Lowering") -> None:
    """Note calls that change attributes in the middle of an expression."""
    for statement in statements:
        for part in ast.walk(statement):
            if isinstance(part, ast.Call) and id(part) in lowering.changing:
                use = lowering.uses[id(part)]
                text = lowering.sources.get(use.changes[0][0], use.changes[0][0])
                what = f"a function that changes `{text}` is called within an expression"
                lowering.problem(part, what, _ALONE.format(f"{use.name.removesuffix('_kernel')}(...)"))


def _changing(call: ast.Call, lowering: "Lowering") -> CalleeUse | None:
    return lowering.uses[id(call)] if id(call) in lowering.changing else None


def _is_plain(target: ast.expr, use: CalleeUse) -> bool:
    """Is it a name, or some names, that the call does not change by itself?"""
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    changed = {name for name, _ in use.changes}
    return all(isinstance(part, ast.Name) and part.id not in changed for part in parts)


def _stored(name: str, node: ast.stmt) -> ast.expr:
    return ast.copy_location(ast.Name(id=name, ctx=ast.Store()), node)


def _unused(lowering: "Lowering") -> str:
    name = "unused"
    while name in lowering.taken or name in lowering.sources:
        name += "_"
    return name
