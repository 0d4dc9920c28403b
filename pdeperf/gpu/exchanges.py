"""Exchanges of arrays' names after a step, ``u, v = v, u``: as a part of the step."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.arrays.values import View

if TYPE_CHECKING:
    from pdeperf.gpu.write import GpuWriter


def with_exchanges(
    writer: "GpuWriter", run: Run, rest: Sequence[Item]
) -> tuple[Run, list[Item], tuple[Kept, ...]]:
    """A run with the exchanges of names that follow it, ``u, v = v, u``, and what else follows it."""
    names, live = dict(run.names), run.live
    left: list[Item] = []
    found: list[Kept] = []
    for place, item in enumerate(rest):
        if is_apart(writer, item):
            left.append(item)
            continue
        pairs = _exchanged(item) if isinstance(item, Kept) and writer.on_gpu.is_exchange(item) else []
        known = {source: names.get(source) or _entered(run, source) for _, source in pairs}
        views = {target: known[source] for target, source in pairs}
        if not pairs or not all(view is not None and view.is_whole for view in views.values()):
            left += rest[place:]
            break
        assert isinstance(item, Kept)
        after = writer._names.live_after([item.statement])
        names |= {target: view for target, view in views.items() if view is not None}
        live = frozenset(name for name in live | views.keys() if name in after or "." in name)
        found.append(item)
    return (replace(run, names=names, live=live) if found else run), left, tuple(found)


def _entered(run: Run, name: str) -> View | None:
    return View.whole(run.entry[name]) if name in run.entry else None


def _exchanged(item: Kept) -> list[tuple[str, str]]:
    """Names, and the names whose arrays they get."""
    match item.statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            return [
                (ast.unparse(one), ast.unparse(other)) for one, other in zip(targets, values, strict=True)
            ]
        case ast.Assign(targets=[target], value=value):
            return [(ast.unparse(target), ast.unparse(value))]
    return []


def is_apart(writer: "GpuWriter", item: Item) -> bool:
    """Does a statement have nothing to do with arrays on the GPU?"""
    match item:
        case Kept():
            use = writer.on_gpu.use(item)
            return use.as_device is None and not (use.reads or use.writes or use.binds)
        case Nested(statement=ast.If(test=test), blocks=blocks):
            parts = [each for block in blocks.values() for each in block]
            return not writer.on_gpu._of(test).reads and all(is_apart(writer, each) for each in parts)
    return False
