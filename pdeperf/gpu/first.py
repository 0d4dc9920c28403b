"""What a region for the GPU does first with an array: looks at it, makes it anew, changes cells of it."""

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Definition
from pdeperf.arrays.program import Item, Kept, Nested, Run, runs_of
from pdeperf.gpu.calls import as_device_call

if TYPE_CHECKING:
    from pdeperf.gpu.uses import Arrays


def is_read_first(arrays: "Arrays", name: str, items: Sequence[Item]) -> bool:
    """May a statement of the host's look at what stood there before the region?"""
    for item in items:
        match item:
            case Run():
                if any(name in arrays.use(each).reads for each in item.before):
                    return True
                if name in item.names:
                    return False
            case Kept():
                use = arrays.use(item)
                if use.reads & {name}:
                    return True
                if name in use.binds and not isinstance(item.statement, ast.If | ast.For | ast.While):
                    return False
            case Nested():
                if any(is_read_first(arrays, name, block) for block in item.blocks.values()):
                    return True
    return False


def is_new_first(arrays: "Arrays", name: str, items: Sequence[Item]) -> bool:
    """Does every turn bind a name to a new array before it changes that?

    Only then what is changed is never the array that stood there before the region.
    """
    for item in items:
        match item:
            case Run():
                mine = item.entry.get(name)
                steps = [step for step in item.steps if isinstance(step, Definition)]
                if mine is not None and any(step.target.buffer == mine for step in steps):
                    return False
                view = item.names.get(name)
                if view is not None:
                    return view.buffer.is_temporary
            case Kept():
                use = arrays.use(item)
                if name in use.writes:
                    return False
                if name in use.binds:
                    call = as_device_call(item.statement, arrays.names, frozenset(arrays.device))
                    return call is not None and not call.is_alias
            case Nested(statement=ast.If()):
                if any(name in changed_in(arrays, block) for block in item.blocks.values()):
                    return False
            case Nested():
                # What stands before a loop's first turn stands there after none, too.
                return is_new_first(arrays, name, item.blocks["body"]) and item is items[-1]
    return False


def changed_in(arrays: "Arrays", items: Sequence[Item]) -> set[str]:
    """Arrays in which a block changes cells."""
    found = {
        step.target.buffer.name
        for run in runs_of(items)
        for step in run.steps
        if isinstance(step, Definition)
    }
    return found.union(*(arrays.use(each).writes for each in kept_statements(items)))


def kept_statements(items: Sequence[Item]) -> Iterator[Kept]:
    for item in items:
        match item:
            case Kept():
                yield item
            case Run(before=before):
                yield from before
            case Nested():
                for block in item.blocks.values():
                    yield from kept_statements(block)
