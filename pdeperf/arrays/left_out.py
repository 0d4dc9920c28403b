"""What a rewrite leaves out: names that it no longer binds, arrays of which it needs the type only."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.arrays.ir import Buffer
from pdeperf.arrays.loops.costs import tree_of
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, runs_of
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.walking import nodes_in


def unread(items: Sequence[Item], lines: Sequence[str]) -> Iterator[Buffer]:
    """Arrays that were looked at, for their type, and that the text does not mention."""
    mentioned = {
        ast.unparse(node)
        for node in nodes_in(tree_of(tuple(lines)))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    made = {name for run in runs_of(items) for name in run.names}
    entered = {buffer.name: buffer for run in runs_of(items) for buffer in run.entry.values()}
    for name, buffer in entered.items():
        if name not in mentioned and name not in made:
            yield buffer


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
