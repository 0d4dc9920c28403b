"""Which loop of the new version is that of the original, where its first line reads otherwise?"""

from collections.abc import Mapping
from dataclasses import replace

from pdeperf.judge.values import Capture, Observable, loop_of


def counterpart(loop: str, first: Capture, other: Capture) -> str:
    """The new version's name for one of the original's loops; empty if it cannot be told.

    A loop with the same first line is the same one. Else it is the only loop of that function that the
    original does not have and that carries some of the same names along.
    """
    if loop in other.loops:
        return loop
    scope = loop.partition("loop ")[0]
    carried = _carried(loop, first)
    found = [
        name
        for name, laps in other.loops.items()
        if name.partition("loop ")[0] == scope
        and name not in first.loops
        and laps.entries_count == first.loops[loop].entries_count
        and _carried(name, other) & carried
    ]
    return found[0] if len(found) == 1 else ""


def _carried(loop: str, capture: Capture) -> set[str]:
    """The names that a loop carries along."""
    return {
        name.rpartition("]:")[2].partition("[")[0].partition(".")[0]
        for name in capture.observables
        if loop_of(name)[0] == loop
    }


def with_loop_named(capture: Capture, loop: str, name: str) -> Capture:
    """The same results, with one loop under another name."""
    if loop == name:
        return capture

    def renamed(old: str) -> str:
        return name + old.removeprefix(loop) if loop_of(old)[0] == loop else old

    observables: Mapping[str, Observable] = {
        renamed(old): replace(item, name=renamed(old)) for old, item in capture.observables.items()
    }
    loops = {name if old == loop else old: laps for old, laps in capture.loops.items()}
    return replace(capture, observables=observables, loops=loops)
