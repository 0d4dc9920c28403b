"""Loops over a few things that are no numbers, turn by turn: ``for bc in self.bcs``.

Standard library only: the collectors look at the same turns from inside the user's process.
"""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

MOST_TURNS = 8
Part = TypeVar("Part", bound=ast.AST)
Turn = Mapping[str, ast.expr]
"""What each name of a loop stands for in one turn: a constant, or an access path."""

_VIEWS = {"items": "items", "values": "values", "keys": "keys"}


@dataclass(frozen=True, slots=True)
class Walk:
    """A loop over the elements of a list, a tuple or a dict.

    Attributes
    ----------
    source
        The access path of what is walked over, or a tuple or list that is written out.
    view
        ``elements`` of a list or, of a dict, ``keys``; ``values`` or ``items`` of a dict.
    counter
        Name of the counter of ``enumerate``; empty without one.
    """

    loop: ast.For | ast.GeneratorExp
    source: ast.expr
    view: str
    counter: str
    target: ast.expr

    @property
    def names(self) -> frozenset[str]:
        """The names that the loop binds."""
        return _names(self.target) | ({self.counter} - {""})

    @property
    def body(self) -> Sequence[ast.AST]:
        """What is done in each turn."""
        return self.loop.body if isinstance(self.loop, ast.For) else [self.loop.elt]

    def turns(self, keys: Sequence[object]) -> list[Turn]:
        """What the names stand for, turn by turn.

        Parameters
        ----------
        keys
            Of a dict: its keys. Of strings: the strings. Otherwise: the places in the list.
        """
        found: list[Turn] = []
        for at, key in enumerate(keys):
            turn: dict[str, ast.expr] = {self.counter: ast.Constant(at)} if self.counter else {}
            if not _bind(self.target, self._element(at, key), turn):
                return []
            found.append(turn)
        return found

    def _element(self, at: int, key: object) -> ast.expr:
        if isinstance(self.source, ast.Tuple | ast.List):
            return self.source.elts[at]
        name = ast.Constant(key)  # type: ignore[arg-type]
        place = ast.Subscript(self.source, name, ast.Load())
        if self.view == "items":
            return ast.Tuple([name, place], ast.Load())
        is_name = self.view == "keys" or (self.view == "elements" and isinstance(key, str))
        return name if is_name else place


def _bind(target: ast.expr, value: ast.expr, turn: dict[str, ast.expr]) -> bool:
    if isinstance(target, ast.Name):
        turn[target.id] = value
        return True
    if not isinstance(target, ast.Tuple | ast.List):
        return False
    if isinstance(value, ast.Tuple | ast.List):
        parts = value.elts
        return len(parts) == len(target.elts) and all(map(lambda t, v: _bind(t, v, turn), target.elts, parts))
    if isinstance(value, ast.Constant):
        return False
    places = [ast.Subscript(value, ast.Constant(at), ast.Load()) for at in range(len(target.elts))]
    return all(map(lambda t, v: _bind(t, v, turn), target.elts, places))


def walk_of(loop: ast.AST) -> Walk | None:
    """How a loop walks over a list, a tuple or a dict; None if it does something else or may end early."""
    match loop:
        case ast.For(iter=source, target=target, orelse=[]) if not any(map(_leaves, loop.body)):
            pass
        case ast.GeneratorExp(generators=[ast.comprehension(iter=source, target=target, ifs=[], is_async=0)]):
            pass
        case _:
            return None
    counter, view = "", "elements"
    match source:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=[]):
            match target:
                case ast.Tuple(elts=[ast.Name(id=counter), target]):
                    source = inner
                case _:
                    return None
    match source:
        case ast.Call(func=ast.Attribute(value=inner, attr=view), args=[], keywords=[]) if view in _VIEWS:
            source = inner
    if not (_is_path(source) or isinstance(source, ast.Tuple | ast.List)):
        return None
    walk = Walk(loop, source, view, counter, target)
    return walk if walk.names and not walk.names & _stored(walk.body) else None


def substituted(parts: Sequence[Part], turn: Turn) -> list[Part]:
    """Copies of statements or expressions with what the names stand for in their place."""
    put = _Substitution(turn)
    return [put.visit(copy.deepcopy(part)) for part in parts]


class _Substitution(ast.NodeTransformer):
    def __init__(self, turn: Turn) -> None:
        self.turn = turn

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name of the loop becomes what it stands for."""
        value = self.turn.get(node.id)
        if value is None:
            return node
        fresh = copy.deepcopy(value)
        for part in ast.walk(fresh):
            if isinstance(part, ast.expr):
                ast.copy_location(part, node)
        return fresh


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute) or (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    ):
        node = node.value
    return isinstance(node, ast.Name)


def _names(target: ast.AST) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _stored(statements: Sequence[ast.AST]) -> frozenset[str]:
    return frozenset(
        node.id
        for part in statements
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )


def _leaves(statement: ast.stmt) -> bool:
    """May a statement end its loop, or the turn?"""
    return any(isinstance(node, ast.Break | ast.Continue) for node in _of_this_loop(statement))


def _of_this_loop(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.For | ast.While) and child in node.body:
            continue
        yield from _of_this_loop(child)
