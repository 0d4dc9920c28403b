"""Arrays with several names in turn, ``u, v = v, u`` or ``frames.append(u)``, on the GPU and on the host."""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.gpu.calls import as_device_call
from pdeperf.gpu.first import changed_in, is_new_first, kept_statements

if TYPE_CHECKING:
    from pdeperf.gpu.uses import Arrays

Pairs = list[tuple[str, str]]


def by_runs(runs: Sequence[Run]) -> Pairs:
    """Names, and the names whose arrays runs give them."""
    return [
        (name, source)
        for run in runs
        for name, view in run.names.items()
        for source, buffer in run.entry.items()
        if buffer == view.buffer and source != name
    ]


def by_statements(arrays: "Arrays", statements: Sequence[Kept]) -> Pairs:
    """The same of statements that only give arrays other names."""
    known = frozenset(arrays.device)
    calls = (as_device_call(item.statement, arrays.names, known) for item in statements)
    return [pair for call in calls if call is not None for pair in call.passed if pair[0] != pair[1]]


def renewed(runs: Sequence[Run], passed: Pairs, new: frozenset[str]) -> set[str]:
    """Names that come to stand for arrays made in the region, some of which are known."""
    found = set(new)
    while True:
        known = len(found)
        found |= {name for name, source in passed if source in found}
        for run in runs:
            for name, view in run.names.items():
                source = next((each for each, b in run.entry.items() if b == view.buffer), None)
                if source is None or source in found:
                    found.add(name)
        if len(found) == known:
            return found


def put_by(arrays: "Arrays", items: Sequence[Item], anew: set[str]) -> frozenset[str]:
    """Arrays of which statements of the host's keep hold, ``frames.append(u)``, if their names get others.

    Raises
    ------
    Unliftable
        If they are changed afterwards: that would be seen.
    """
    found: frozenset[str] = frozenset()
    for place, item in enumerate(items):
        rest = items[place:]
        match item:
            case Run(before=before):
                mine = put_by(arrays, before, anew)
            case Kept():
                is_host = arrays.use(item).as_device is None
                mine = arrays.kept_hold_of(item.statement) & anew if is_host else frozenset()
                rest = items[place + 1 :]
            case Nested(statement=statement, blocks=blocks):
                mine = frozenset[str]().union(*(put_by(arrays, block, anew) for block in blocks.values()))
                rest = items[place + isinstance(statement, ast.If) :]
        for name in sorted(arrays.one_array(mine) & changed_in(arrays, rest)):
            if not is_new_first(arrays, name, rest):
                raise Unliftable(f"`{name}` is changed when something else may know it")
        found |= mine
    return found


def origins(arrays: "Arrays", items: Sequence[Item]) -> dict[str, tuple[str, bool]]:
    """Names that only the GPU has, and the host's names for whose arrays they stand.

    The flag says that this is so until a run of the same block gives that name another array.
    """
    bound = Counter(_bound(arrays, items))
    found: dict[str, tuple[str, bool]] = {}
    for block in _blocks(items):
        for place, item in enumerate(block):
            if not isinstance(item, Kept | Run):
                continue
            later = [name for each in block[place:] if isinstance(each, Run) for name in each.names]
            for name, source in by_statements(arrays, [item] if isinstance(item, Kept) else item.before):
                if bound[name] == 1 and bound[source] == later.count(source) <= 1:
                    found[name] = source, bool(bound[source])
    return found


def _bound(arrays: "Arrays", items: Sequence[Item]) -> Iterator[str]:
    """Names that items bind, each as often as there are bindings."""
    for block in _blocks(items):
        for item in block:
            if isinstance(item, Run):
                yield from item.names
            if not isinstance(item, Nested):
                for each in kept_statements([item]):
                    yield from arrays.use(each).binds


def _blocks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    yield items
    for item in items:
        if isinstance(item, Nested):
            for block in item.blocks.values():
                yield from _blocks(block)


def permuted(arrays: "Arrays", run: Run, steps_count: int = 1) -> list[str]:
    """The exchange of names by some steps, done with the host's arrays too where others know them.

    Raises
    ------
    Unliftable
        If it cannot be told whose array the host's is then.
    """
    targets = {}
    for name, view in run.names.items():
        source = next((each for each, b in run.entry.items() if b == view.buffer), None)
        if source is None or source == name or name not in arrays.exchanged & run.live:
            continue
        if source in arrays.only_there:
            source, is_for_now = arrays.origins.get(source, ("", False))
            if not source or source in arrays.only_there or (is_for_now and source not in run.names):
                raise Unliftable(f"`{name}` gets an array of which the host has lost track")
        targets[name] = source
    after = {name: name for name in targets}
    for _ in range(steps_count):
        after = {name: after.get(source, source) for name, source in targets.items()}
    if all(name == source for name, source in after.items()):
        return []
    return [f"{', '.join(after)} = {', '.join(after.values())}"]
