"""Names that hand their arrays on to one another: which of them never stand for one and the same.

``u, u_new, spare = u_new, spare, u_new`` leaves two names with one array, and yet what is read as ``u``
and what is written as ``u_new`` stay apart. The statements of a function that bind the names are followed
in their order, all branches and any number of turns: that are few states.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Root = tuple[str, str]
"""Where memory comes from: ``("entry", name)``, ``("fresh", place)`` or ``("unknown", place)``."""
State = tuple[Root | None, ...]
_EARLIER = " before"
_MOST_STATES = 2000


@dataclass(frozen=True, slots=True)
class Binding:
    """A name bound by a statement.

    Attributes
    ----------
    source
        The name of which it gets the array, or a view of it; empty for any other value.
    roots
        What another value may be.
    """

    name: str
    source: str
    roots: frozenset[Root] = frozenset()


class _NotKnownError(Exception):
    """Two names may stand for the same memory."""


def met(
    body: Sequence[ast.stmt],
    bindings: Mapping[ast.stmt, Sequence[Binding]],
    otherwise: frozenset[str],
    entering: Mapping[str, Root],
    pair: tuple[str, str],
) -> frozenset[tuple[Root, Root]] | None:
    """What two names may stand for at one time, anywhere in a function.

    None if that is not known, or if they may stand for the same memory.

    Parameters
    ----------
    bindings
        What each assignment binds, all at a time.
    otherwise
        Names that something else binds too.
    entering
        What names stand for when the function is entered.
    pair
        Two of the names.
    """
    behind = _behind(bindings, pair)
    if behind & otherwise:
        return None
    names = sorted(behind)
    places = names.index(pair[0]), names.index(pair[1])
    walk = _Walk(bindings, names, places)
    start: State = tuple(entering.get(name) for name in names)
    try:
        walk.look(start)
        walk.through(body, frozenset((start,)), _Jumps())
    except _NotKnownError:
        return None
    return frozenset(walk.found)


def _behind(bindings: Mapping[ast.stmt, Sequence[Binding]], pair: tuple[str, str]) -> set[str]:
    """The names that the arrays of two names may have come from, and these."""
    handed = [each for made in bindings.values() for each in made if each.source]
    known = {*pair}
    while wider := {each.source for each in handed if each.name in known} - known:
        known |= wider
    return known


@dataclass(slots=True)
class _Jumps:
    """The states in which a loop is left, or begun again, before its end."""

    leaving: set[State] = field(default_factory=set)
    repeating: set[State] = field(default_factory=set)


class _Walk:
    """Follows the statements of a function and keeps what two names stood for."""

    def __init__(
        self,
        bindings: Mapping[ast.stmt, Sequence[Binding]],
        names: Sequence[str],
        places: tuple[int, int],
    ) -> None:
        self._made = {
            node: own
            for node, made in bindings.items()
            if (own := [one for one in made if one.name in names])
        }
        self._names = names
        self._places = places
        self.found: set[tuple[Root, Root]] = set()

    def look(self, state: State) -> State:
        """Note what the two names stand for in a state."""
        one, other = (state[place] for place in self._places)
        if one is not None and other is not None:
            if one == other:
                raise _NotKnownError
            self.found.add((one, other))
        return state

    def through(self, body: Sequence[ast.stmt], states: frozenset[State], jumps: _Jumps) -> frozenset[State]:
        """The states after some statements."""
        for node in body:
            states = self._after(node, states, jumps)
            if len(states) > _MOST_STATES:
                raise _NotKnownError
        return states

    def _after(self, node: ast.stmt, states: frozenset[State], jumps: _Jumps) -> frozenset[State]:
        match node:
            case ast.Assign() | ast.AnnAssign():
                own = self._made.get(node, ())
                return (
                    frozenset(new for state in states for new in self._bound(state, own)) if own else states
                )
            case ast.If():
                one = self.through(node.body, states, jumps)
                return one | self.through(node.orelse, states, jumps)
            case ast.For() | ast.While():
                return self._repeated(node, states, jumps)
            case ast.Break():
                jumps.leaving |= states
            case ast.Continue():
                jumps.repeating |= states
            case ast.Return() | ast.Raise():
                pass
            case ast.With() | ast.Try() | ast.Match() | ast.FunctionDef() | ast.ClassDef():
                if any(inner in self._made for inner in ast.walk(node) if isinstance(inner, ast.stmt)):
                    raise _NotKnownError
                # What leaves a loop from in there leaves it with the same arrays.
                jumps.leaving |= states
                jumps.repeating |= states
                return states
            case _:
                return states
        return frozenset()

    def _repeated(
        self, node: ast.For | ast.While, states: frozenset[State], jumps: _Jumps
    ) -> frozenset[State]:
        inside = _Jumps()
        before = states
        while True:
            after = self.through(node.body, before, inside)
            wider = before | after | inside.repeating
            if wider == before:
                break
            before = wider
        return self.through(node.orelse, before, jumps) | inside.leaving

    def _bound(self, state: State, made: Sequence[Binding]) -> Iterator[State]:
        """The states after the bindings of a statement, which take place at a time."""
        held = dict(zip(self._names, state, strict=True))
        reached: list[dict[str, Root | None]] = [held]
        for one in made:
            if one.source:
                reached = [{**new, one.name: held[one.source]} for new in reached]
                continue
            if any(kind == "unknown" for kind, _ in one.roots):
                raise _NotKnownError
            reached = [
                {**new, one.name: _another(root, [{**held, one.name: None}, {**new, one.name: None}])}
                for new in reached
                for root in sorted(one.roots)
            ]
        for new in reached:
            yield self.look(tuple(new[name] for name in self._names))


def _another(root: Root, held: Sequence[Mapping[str, Root | None]]) -> Root:
    """What a statement makes, by another name than what it made before."""
    kind, place = root
    while kind == "fresh" and any((kind, place) in each.values() for each in held):
        place += _EARLIER
    return kind, place


def handed_on(value: ast.expr) -> str:
    """The name of which a value is the array or a view; empty for any other value."""
    while isinstance(value, ast.Subscript):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""
