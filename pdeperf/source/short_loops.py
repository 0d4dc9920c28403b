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

_VIEWS = frozenset(("items", "values", "keys"))


@dataclass(frozen=True, slots=True)
class Row:
    """What a loop, or one part of a ``zip``, runs over.

    Attributes
    ----------
    source
        The access path of what is walked over, or a tuple or list that is written out.
    view
        ``elements`` of a list or, of a dict, ``keys``; ``values`` or ``items`` of a dict.
    target
        What each element is bound to.
    """

    source: ast.expr
    view: str
    target: ast.expr

    @property
    def written(self) -> Sequence[ast.expr] | None:
        """The elements, where they are written out."""
        return self.source.elts if isinstance(self.source, ast.Tuple | ast.List) else None

    def element(self, at: int, key: object) -> ast.expr:
        """What is bound in one turn."""
        if self.written is not None:
            return self.written[at]
        name = ast.Constant(key)  # type: ignore[arg-type]
        place = ast.Subscript(self.source, name, ast.Load())
        if self.view == "items":
            return ast.Tuple([name, place], ast.Load())
        is_name = self.view == "keys" or (self.view == "elements" and isinstance(key, str))
        return name if is_name else place


@dataclass(frozen=True, slots=True)
class Walk:
    """A loop over the elements of lists, tuples or dicts.

    Attributes
    ----------
    rows
        What is walked over: one thing, or all parts of a ``zip``.
    counter
        Name of the counter of ``enumerate``; empty without one.
    calls
        Builtins that its header calls.
    """

    loop: ast.For | ast.GeneratorExp
    rows: tuple[Row, ...]
    counter: str
    calls: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """The names that the loop binds."""
        return frozenset[str]().union(*(_names(row.target) for row in self.rows)) | ({self.counter} - {""})

    @property
    def body(self) -> Sequence[ast.AST]:
        """What is done in each turn."""
        return self.loop.body if isinstance(self.loop, ast.For) else [self.loop.elt]

    def turns(self, keys: Sequence[Sequence[object]]) -> list[Turn]:
        """What the names stand for, turn by turn; nothing if that cannot be told.

        Parameters
        ----------
        keys
            For each row, of a dict: its keys. Of strings: the strings. Otherwise: the places in the list.
        """
        if len({len(row) for row in keys}) != 1:
            return []
        found: list[Turn] = []
        for at in range(len(keys[0])):
            turn: dict[str, ast.expr] = {self.counter: ast.Constant(at)} if self.counter else {}
            for row, known in zip(self.rows, keys, strict=True):
                if not _bind(row.target, row.element(at, known[at]), turn):
                    return []
            found.append(turn)
        return found


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
    counter, calls = "", set[str]()
    match source, target:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=[]), ast.Tuple(
            elts=[ast.Name(id=counter), target]
        ):
            source = inner
            calls.add("enumerate")
    parts = [(source, target)]
    match source, target:
        case ast.Call(func=ast.Name(id="zip"), args=sources, keywords=[]), ast.Tuple(elts=targets):
            if len(sources) != len(targets):
                return None
            parts = list(zip(sources, targets, strict=True))
            calls.add("zip")
    rows = tuple(_row(one, bound) for one, bound in parts)
    if not all(_is_path(row.source) or row.written is not None for row in rows):
        return None
    walk = Walk(loop, rows, counter, frozenset(calls))
    return walk if walk.names and not walk.names & _stored(walk.body) else None


def _row(source: ast.expr, target: ast.expr) -> Row:
    match source:
        case ast.Call(func=ast.Attribute(value=inner, attr=view), args=[], keywords=[]) if view in _VIEWS:
            return Row(inner, view, target)
    return Row(source, "elements", target)


def substituted(parts: Sequence[Part], turn: Turn) -> list[Part]:
    """Copies of statements or expressions with what the names stand for in their place."""
    put = _Substitution(turn)
    return [put.visit(copy.deepcopy(part)) for part in parts]


def in_terms_of(condition: str, renamed: Mapping[str, str]) -> str:
    """A condition with names replaced by the access paths that they stand for."""
    put = {name: ast.parse(path, mode="eval").body for name, path in renamed.items()}
    return ast.unparse(substituted([ast.parse(condition, mode="eval")], put)[0])


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
