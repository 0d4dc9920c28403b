"""Names that hand their arrays on to one another: which of them never stand for one and the same.

``u, u_new, spare = u_new, spare, u_new`` leaves two names with one array, and yet what is read as ``u``
and what is written as ``u_new`` stay apart. Every order in which such statements and the bindings of
their names can follow each other is gone through; that are few states.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

Root = tuple[str, str]
"""Where memory comes from: ``("entry", name)``, ``("fresh", place)`` or ``("unknown", place)``."""
_State = tuple[Root | None, ...]
_EARLIER = " before"
_MOST_NAMES, _MOST_STATES = 6, 2000


def handed_on(targets: Sequence[ast.expr], values: Sequence[ast.expr]) -> dict[str, str] | None:
    """Which name's array each name is given by an assignment of names to names; None for any other."""
    left = [target.id for target in targets if isinstance(target, ast.Name)]
    right = [value.id for value in values if isinstance(value, ast.Name)]
    if not len(left) == len(targets) == len(right) == len(values) or len(set(left)) < len(left):
        return None
    return dict(zip(left, right, strict=True))


def met(
    exchanges: Sequence[Mapping[str, str]],
    bindings: Mapping[str, Iterable[Root]],
    entering: Mapping[str, Root],
    pair: tuple[str, str],
) -> frozenset[tuple[Root, Root]] | None:
    """What two names may stand for at one time, seen over the whole function.

    None if that is not known, or if they may stand for the same memory.

    Parameters
    ----------
    exchanges
        The assignments of names to names.
    bindings
        What else the names are bound to.
    entering
        What they stand for when the function is entered.
    pair
        Two of the names.
    """
    joined = _connected(exchanges, pair[0])
    if pair[1] not in joined or len(joined) > _MOST_NAMES:
        return None
    names = sorted(joined)
    own = [each for each in exchanges if each.keys() & joined]
    made = [(at, root) for at, name in enumerate(names) for root in bindings.get(name, ())]
    if any(kind == "unknown" for _, (kind, _) in made):
        return None
    places = [names.index(name) for name in pair]
    start: _State = tuple(entering.get(name) for name in names)
    seen, waiting = {start}, [start]
    found: set[tuple[Root, Root]] = set()
    while waiting:
        state = waiting.pop()
        one, other = (state[place] for place in places)
        if one is not None and other is not None:
            if one == other:
                return None
            found.add((one, other))
        for later in _later(state, names, own, made):
            if later not in seen:
                seen.add(later)
                waiting.append(later)
        if len(seen) > _MOST_STATES:
            return None
    return frozenset(found)


def _connected(exchanges: Sequence[Mapping[str, str]], name: str) -> set[str]:
    """The names that a name's array may come from or go to."""
    joined = {name}
    while True:
        wider = joined.union(
            *({*each, *each.values()} for each in exchanges if {*each, *each.values()} & joined)
        )
        if wider == joined:
            return joined
        joined = wider


def _later(
    state: _State,
    names: Sequence[str],
    exchanges: Sequence[Mapping[str, str]],
    made: Sequence[tuple[int, Root]],
) -> Iterator[_State]:
    """The states that one statement can lead to."""
    held = dict(zip(names, state, strict=True))
    for each in exchanges:
        if all(held[source] is not None for source in each.values()):
            yield tuple(held[each.get(name, name)] for name in names)
    for at, (kind, place) in made:
        others = (*state[:at], *state[at + 1 :])
        one = (kind, place)
        while kind == "fresh" and one in others:  # what the same statement made before is other memory
            one = (kind, one[1] + _EARLIER)
        yield (*state[:at], one, *state[at + 1 :])
