"""What a statement about single elements reads and writes, and at which places."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

_PURE = frozenset(("range", "min", "max", "abs", "float", "int", "len"))
_MAKING = frozenset(("empty", "empty_like", "zeros", "zeros_like", "float64", "int64"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an array is touched along one dimension: ``base + offset``, or a loop's variable and an offset.

    Attributes
    ----------
    base
        An expression that the statement does not change, as text; empty for a number alone.
    counter
        The loop's variable; empty for none.
    first, stop
        Its range: the first number, and the place that it does not reach; None where not known.
    """

    base: str
    offset: int
    counter: str = ""
    first: int | None = None
    stop: "Place | None" = None


@dataclass(frozen=True, slots=True)
class Access:
    """An element of an array, or what a name stands for; ``places`` is None where it may be any element."""

    array: str
    places: tuple[Place | None, ...] | None
    is_store: bool


@dataclass(slots=True)
class Touched:
    """What a statement reads and writes.

    Attributes
    ----------
    read, written
        Names and paths. With ``itself`` behind it: what the name stands for, not the elements.
    """

    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    accesses: list[Access] = field(default_factory=list)

    def of(self, name: str) -> list[Access]:
        """The accesses to one array."""
        return [each for each in self.accesses if each.array == name]

    def and_of(self, other: "Touched") -> "Touched":
        """What both touch."""
        return Touched(
            self.read | other.read, self.written | other.written, [*self.accesses, *other.accesses]
        )


class NotSimpleError(Exception):
    """A statement of which it is not known what it touches."""


_Loops = Mapping[str, Place]
"""For the variable of each loop around: where it is."""


def touched_by(node: ast.stmt, counters: frozenset[str], library: str) -> Touched:
    """What a statement touches, all arrays but those of one name being apart.

    Parameters
    ----------
    counters
        Variables of loops over cells, which nothing reads behind them.
    library
        The user's name of NumPy.

    Raises
    ------
    NotSimpleError
        If that cannot be told.
    """
    reader = _Reader(node, counters, library)
    reader.block([node], {})
    reader.found.read -= counters
    reader.found.written -= counters
    return reader.found


def never_meet(one: Access, other: Access) -> bool:
    """Are two elements of one array never the same?"""
    if one.places is None or other.places is None or len(one.places) != len(other.places):
        return False
    return any(
        a is not None and b is not None and (_is_beside(a, b) or _is_beside(b, a))
        for a, b in zip(one.places, other.places, strict=True)
    )


def root_of(node: ast.expr) -> str:
    """The array that an element is of."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return ast.unparse(node)


def _is_beside(one: Place, other: Place) -> bool:
    """Is one a fixed place at which the other never is?"""
    if one.counter:
        return False
    if not other.counter:
        return one.base == other.base and one.offset != other.offset
    if not one.base and other.first is not None and one.offset < other.first + other.offset:
        return True
    stop = other.stop
    return stop is not None and stop.base == one.base and one.offset >= stop.offset + other.offset


class _Reader:
    """Notes what a statement touches."""

    def __init__(self, whole: ast.stmt, counters: frozenset[str], library: str) -> None:
        self.found = Touched()
        self._counters, self._library = counters, library
        targets = {id(node.target) for node in ast.walk(whole) if isinstance(node, ast.For)}
        names = [
            node for node in ast.walk(whole) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        self._bound = {node.id for node in names}
        self._assigned = {node.id for node in names if id(node) not in targets}

    def block(self, body: list[ast.stmt], loops: _Loops) -> None:
        """Statements within some loops."""
        for node in body:
            match node:
                case ast.For(
                    target=ast.Name(id=name),
                    iter=ast.Call(func=ast.Name(id="range"), args=[*starts, stop], keywords=[]),
                    orelse=[],
                ) if len(starts) < 2 and name not in loops and name not in self._assigned:
                    for each in (*starts, stop):
                        self._value(each, loops)
                    start = self._place(starts[0], {}) if starts else Place("", 0)
                    first = start.offset if start is not None and not start.base else None
                    self.found.written.add(name)
                    self.block(node.body, {**loops, name: Place("", 0, name, first, self._place(stop, {}))})
                case ast.If(test=test, body=inner, orelse=orelse):
                    self._value(test, loops)
                    self.block(inner, loops)
                    self.block(orelse, loops)
                case ast.Assign(targets=[target], value=value):
                    self._value(value, loops)
                    self._target(target, loops)
                case ast.AugAssign(target=target, value=value):
                    self._value(value, loops)
                    self._value(target, loops)
                    self._target(target, loops)
                case ast.Pass():
                    pass
                case _:
                    raise NotSimpleError

    def _target(self, target: ast.expr, loops: _Loops) -> None:
        match target:
            case ast.Name() | ast.Attribute():
                path = ast.unparse(target)
                self.found.written |= {path, f"{path} itself"}
                if isinstance(target, ast.Attribute):
                    self._itself(target.value)
            case ast.Subscript():
                self._element(target, loops, is_store=True)
            case ast.Tuple(elts=elts):
                for each in elts:
                    self._target(each, loops)
            case _:
                raise NotSimpleError

    def _value(self, node: ast.expr, loops: _Loops) -> None:
        match node:
            case ast.Subscript():
                self._element(node, loops, is_store=False)
            case ast.Attribute(value=value, attr="shape" | "size" | "ndim"):
                self._itself(value)
            case ast.Name() | ast.Attribute():
                path = ast.unparse(node)
                self.found.read.add(path)
                self.found.accesses.append(Access(path, None, is_store=False))
                self._itself(node)
            case ast.Call(func=func, args=args, keywords=keywords):
                self._called(func, is_in_cell=any(name in self._counters for name in loops))
                for each in (*args, *(keyword.value for keyword in keywords)):
                    self._value(each, loops)
            case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp() | ast.Tuple():
                for part in ast.iter_child_nodes(node):
                    if isinstance(part, ast.expr):
                        self._value(part, loops)
            case ast.Constant():
                pass
            case _:
                raise NotSimpleError

    def _itself(self, node: ast.expr) -> None:
        """What a path stands for, of which perhaps only the size is read."""
        while isinstance(node, ast.Attribute):
            self.found.read.add(f"{ast.unparse(node)} itself")
            node = node.value
        if not isinstance(node, ast.Name):
            raise NotSimpleError
        self.found.read.add(f"{node.id} itself")

    def _called(self, func: ast.expr, *, is_in_cell: bool) -> None:
        """A function that touches nothing but its arguments: of numbers, or one that makes an array."""
        match func:
            case ast.Name(id=name) if name in _PURE:
                pass
            case ast.Attribute(value=ast.Name(id=library), attr=name) if library == self._library:
                if not is_in_cell and name not in _MAKING:
                    raise NotSimpleError
            case _:
                raise NotSimpleError

    def _element(self, node: ast.Subscript, loops: _Loops, *, is_store: bool) -> None:
        places: list[ast.expr] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Subscript):
            own = inner.slice.elts if isinstance(inner.slice, ast.Tuple) else [inner.slice]
            places = [*own, *places]
            inner = inner.value
        for each in places:
            self._value(each, loops)
        if isinstance(inner, ast.Attribute) and inner.attr == "shape" and not is_store:
            self._itself(inner.value)
            return
        self._itself(inner)
        array = ast.unparse(inner)
        (self.found.written if is_store else self.found.read).add(array)
        found = tuple(self._place(each, loops) for each in places)
        self.found.accesses.append(Access(array, found, is_store))

    def _place(self, node: ast.expr, loops: _Loops) -> Place | None:
        """A place that is a loop's variable, or what the statement does not change, and a number."""
        match node:
            case ast.Constant(value=int() as number) if number >= 0:
                return Place("", number)
            case ast.Name(id=name) if name in loops:
                return loops[name]
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int() as by)):
                inner = self._place(left, loops)
                if inner is None:
                    return None
                offset = inner.offset + (by if isinstance(op, ast.Add) else -by)
                if offset < 0 and not (inner.base or inner.counter):
                    return None  # counted from the end
                return Place(inner.base, offset, inner.counter, inner.first, inner.stop)
        if any(isinstance(part, ast.Name) and part.id in self._bound for part in ast.walk(node)):
            return None
        return Place(ast.unparse(node), 0)
