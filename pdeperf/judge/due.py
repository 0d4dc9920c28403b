"""Which results must a new version have, and which may it lack?"""

from collections.abc import Collection

from pdeperf.judge.distance import distance
from pdeperf.judge.values import TURNS, Capture, function_of, loop_of, plain_name

UNSTABLE_ARRAY = 1e-6


def contains(asked: str, name: str) -> bool:
    names = (name, plain_name(name))
    return any(one == asked or (one.startswith(asked) and one[len(asked)] in ".[ ") for one in names)


def is_due(name: str, first: Capture, other: Capture, forgets: Collection[str]) -> bool:
    """Must the new version have this observable?"""
    if any(contains(forgotten, name) for forgotten in forgets):
        return False
    if (loop := loop_of(name)[0]) or name.endswith(TURNS):
        said = (plain_name(name), f"loop {plain_name(name)}")
        return _same_loop(loop or name.removesuffix(TURNS), name, first, other) and not any(
            contains(forgotten, one) for forgotten in forgets for one in said
        )
    if not (function := function_of(name)):
        return True
    # A function that was compiled, or is now called from compiled code, has no locals to show.
    return name in other.observables and first.calls.get(function) == other.calls.get(function)


def _same_loop(loop: str, name: str, first: Capture, other: Capture) -> bool:
    """Does the new version have this very loop, so that its turns mean the same?"""
    old, new = first.loops.get(loop), other.loops.get(loop)
    if old is None or new is None or old.entries_count != new.entries_count or name not in other.observables:
        return False
    if _namesakes_count(loop, first) != _namesakes_count(loop, other):
        return False  # fused or split: which is which cannot be told
    return name.endswith(TURNS) or old.turns_count == new.turns_count


def _namesakes_count(loop: str, capture: Capture) -> int:
    bare = loop.partition(" #")[0]
    return sum(name.partition(" #")[0] == bare for name in capture.loops)


def is_reordered(function: str, given: Collection[str], first: Capture, other: Capture) -> bool:
    """Was the first call of this function another one?"""
    for parameter in given:
        name = f"{function}()[1]:{parameter}"
        if name in first.observables and name in other.observables:
            apart = distance(first.observables[name], other.observables[name])
            if max(apart.relative()) > UNSTABLE_ARRAY:
                return True
    return False
