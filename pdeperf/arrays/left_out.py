"""What a rewrite leaves out: names that it no longer binds, arrays of which it needs the type only."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.arrays.invariants import Constants
from pdeperf.arrays.ir import Buffer, Definition, Scalar, walk
from pdeperf.arrays.loops.costs import tree_of
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_entry, is_path
from pdeperf.arrays.program import Item, Run, runs_of
from pdeperf.arrays.sizes import names_of, roots
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.type_guards import Proved, TypeGuard, type_guards
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.walking import nodes_in


def unread(items: Sequence[Item], lines: Sequence[str]) -> Iterator[Buffer]:
    """Arrays that were looked at, for their type, and that the text does not mention."""
    mentioned = _mentioned(lines)
    made = {name for run in runs_of(items) for name in run.names}
    entered = {buffer.name: buffer for run in runs_of(items) for buffer in run.entry.values()}
    for name, buffer in entered.items():
        if name not in mentioned and name not in made:
            yield buffer


def guarded(
    names: Names, items: Sequence[Item], lines: Sequence[str], constants: Constants, bound: frozenset[str]
) -> Iterator[TypeGuard]:
    """Conditions on numbers from before the region that only statements name which are left out.

    With others these might raise: a complex number is not added into an array of real ones.

    Parameters
    ----------
    bound
        Names and paths that mean something else in the course of the region.
    """
    pending = list(dict.fromkeys(text for run in runs_of(items) for text in _numbers(run)))
    mentioned = _mentioned(lines) if pending else set()
    found: dict[str, Kind] = {}
    while pending:
        for node in _paths(ast.parse(pending.pop(), mode="eval").body):
            path = ast.unparse(node)
            if path in mentioned or roots(path) & bound or names.called(node):
                continue
            if path in constants.known:
                pending.append(constants.known[path])
            elif names_of(path) <= names.before | constants.first.keys():
                kind = names.kind_of(node)
                if kind.is_scalar or kind.is_array:
                    found[path] = kind
    proved = Proved(names.observed.provable, names.module, names.scope, names.region[0])
    yield from type_guards(found, {}, frozenset(found), frozenset(), proved)


def _numbers(run: Run) -> Iterator[str]:
    """Texts of the numbers that a run computes with, without those that are written out."""
    for step in run.steps:
        masks = [step.mask] if isinstance(step, Definition) and step.mask is not None else []
        for part in (part for expr in (step.expr, *masks) for part in walk(expr)):
            if isinstance(part, Scalar) and part.names:
                yield part.text


def _paths(node: ast.expr) -> Iterator[ast.expr]:
    """The longest paths in an expression: names, attributes, entries of dicts."""
    if is_path(node) or is_entry(node):
        yield node
    else:
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                yield from _paths(part)


def _mentioned(lines: Sequence[str]) -> set[str]:
    """Paths that a text names."""
    return {
        ast.unparse(node)
        for node in nodes_in(tree_of(tuple(lines)))
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
    }


def forgotten(
    module: Module,
    names: Names,
    items: Sequence[Item],
    stale: frozenset[str] = frozenset(),
    behind: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Names whose arrays are no longer made or filled, as a candidate's ``forgets`` has them.

    Those that are ``behind`` are so within loops only.
    """
    is_made = {name: name in run.live for run in runs_of(items) for name in run.names}
    home = "" if module.is_script else module.file.removesuffix(".py").replace("/", ".") + "."
    node = names.scope.node
    if not names.scope.is_module:
        outer, own = module.scope_name(node), getattr(node, "name", "<lambda>")
        home += (own if outer == "<module>" else f"{outer}.{own}") + "():"
    bound = frozenset[str]().union(*(writes(part) for part in names.region))
    unmade = {name for name, made in is_made.items() if not made}
    for name in sorted({*names.dropped, *unmade} & bound | stale):
        yield home + name
    for name in sorted(behind):
        yield f"loop {home}{name}"
