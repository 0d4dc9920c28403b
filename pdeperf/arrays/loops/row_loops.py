"""The inner loop of a nest as several loops, each over so few arrays that a compiler makes vectors of it.

A compiler can do that only where it checks beforehand, pair by pair, that what a loop writes overlaps
nothing else. With many arrays it gives up. Values that one loop computes for another stand in rows,
which stay in the cache.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Lines = list[str]
_STEP = "    "
MOST_CHECKS = 8
"""LLVM's runtime-memory-check-threshold."""


@dataclass(slots=True, eq=False)
class _Unit:
    """A statement of a cell.

    Attributes
    ----------
    made
        The name that it binds; empty if it stores into an array.
    uses
        Names of other statements that it reads.
    read, written
        Rows of memory.
    """

    node: ast.Assign
    made: str = ""
    uses: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


class _NotSimpleError(Exception):
    """A cell's statements that stay in one loop."""


class RowLoops:
    """Writes inner loops.

    Parameters
    ----------
    fresh
        Makes a new name from a stem.

    Attributes
    ----------
    rows
        The rows that the loops need, and their types.
    """

    def __init__(self, fresh: Callable[[str], str]) -> None:
        self._fresh = fresh
        self.rows: dict[str, str] = {}

    def text(self, lines: Sequence[str], counter: str, head: str, dtypes: Mapping[str, str]) -> Lines | None:
        """Several loops in place of one; None if one is as good, or if a cell is not simple enough.

        Parameters
        ----------
        lines
            What happens at a cell.
        counter, head
            The inner loop's counter and first line.
        dtypes
            Types of the names that a cell binds.
        """
        try:
            cell = _Cell(lines, counter, dtypes, self._fresh)
            if _checks(cell.units, set()) <= MOST_CHECKS:
                return None
            loops = cell.loops()
            crossing = [name for loop in loops for name in cell.crossing(loop)]
        except _NotSimpleError:
            return None
        places: dict[str, str] = {}
        for name in crossing:
            store = cell.store_of(name)
            if store is not None:
                places[name] = ast.unparse(store.node.targets[0])
                continue
            row = self._fresh(f"{name.removesuffix('_here')}_row")
            self.rows[row] = cell.dtypes[name]
            places[name] = f"{row}[{counter}]"
        text: Lines = []
        for loop in loops:
            rows = [_STEP + row for unit in loop for row in cell.written(unit, loop, places)]
            text += [head, *rows] if rows else []
        return text


class _Cell:
    """The statements of a cell, in the loops that they go to."""

    def __init__(
        self, lines: Sequence[str], counter: str, dtypes: Mapping[str, str], fresh: Callable[[str], str]
    ) -> None:
        self._counter, self._fresh = counter, fresh
        self.dtypes = dict(dtypes)
        self.units: list[_Unit] = []
        self._by_name: dict[str, _Unit] = {}
        self._parts: set[str] = set()
        for node in ast.parse("\n".join(lines)).body:
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                raise _NotSimpleError
            self._add(node)

    def _add(self, node: ast.Assign) -> None:
        """A statement, in parts if it reads more than one loop may."""
        target = node.targets[0]
        while True:
            unit = self._unit(node)
            inner = node.value
            if _checks([unit], unit.uses) <= MOST_CHECKS or not isinstance(inner, ast.BinOp):
                break
            while isinstance(inner, ast.BinOp) and len(self._reads(inner)) >= MOST_CHECKS:
                inner = inner.left
            name = target.id if isinstance(target, ast.Name) else _array_of(target)
            part = self._fresh(f"{name.removesuffix('_here')}_part")
            self.dtypes[part] = "float64"
            self._parts.add(part)
            if not isinstance(inner, ast.BinOp) or self.dtypes.get(name, "float64") != "float64":
                raise _NotSimpleError
            made = ast.Assign(targets=[ast.Name(id=part, ctx=ast.Store())], value=inner)
            self._note(self._unit(made))
            rest = _Replaced(inner, ast.Name(id=part, ctx=ast.Load())).visit(node.value)
            assert isinstance(rest, ast.expr)
            node = ast.Assign(targets=node.targets, value=rest)
        self._note(unit)

    def _note(self, unit: _Unit) -> None:
        self.units.append(unit)
        if unit.made:
            self._by_name[unit.made] = unit

    def _unit(self, node: ast.Assign) -> _Unit:
        unit = _Unit(node)
        match node.targets[0]:
            case ast.Name(id=name):
                unit.made = name
            case ast.Subscript() as target:
                unit.written = {self._row(target)}
            case _:
                raise _NotSimpleError
        unit.read = self._reads(node.value)
        unit.uses = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)} & set(
            self._by_name
        )
        return unit

    def _reads(self, node: ast.expr) -> set[str]:
        found = {self._row(part) for part in ast.walk(node) if isinstance(part, ast.Subscript)}
        return found - {""}

    def _row(self, node: ast.Subscript) -> str:
        """The row of memory that the loop walks through; empty if it stays at one place."""
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        moving = [_has(place, self._counter) for place in places]
        if any(moving[:-1]):
            raise _NotSimpleError
        if not moving[-1]:
            return ""
        return ast.unparse(ast.Subscript(node.value, ast.Tuple(list(places[:-1]), ast.Load()), ast.Load()))

    def loops(self) -> list[list[_Unit]]:
        """The statements in loops, in order."""
        self._loops: list[list[_Unit]] = []
        self._left = list(self.units)
        for unit in self.units:
            if unit.written:
                self._place(unit)
        if self._left:
            raise _NotSimpleError
        return self._loops

    def _place(self, unit: _Unit) -> None:
        """Put a statement into a loop, with what it needs; what others need too before it if that is much."""
        if unit not in self._left:
            return
        package = self._package(unit)
        if self._cost(package, self._without(package)) > MOST_CHECKS:
            for each in package:
                if each is not unit and (each.made in self._parts or self._users(each) > 1):
                    self._place(each)
            package = self._package(unit)
        self._left = self._without(package)
        if self._loops and self._cost([*self._loops[-1], *package], self._left) <= MOST_CHECKS:
            self._loops[-1] += package
        else:
            self._loops.append(package)

    def _without(self, package: Sequence[_Unit]) -> list[_Unit]:
        return [each for each in self._left if each not in package]

    def _package(self, unit: _Unit) -> list[_Unit]:
        """A statement with those that must run before it, and the store of what it makes."""
        package = self._needed(unit, self._left)
        if unit.made and (store := self.store_of(unit.made)) is not None and store in self._left:
            package = [each for each in self.units if each in package or each is store]
        return package

    def store_of(self, name: str) -> _Unit | None:
        """The statement that puts a name into an array of which nothing else of the cell is read."""
        for unit in self.units:
            if not unit.written or not (isinstance(unit.node.value, ast.Name) and unit.node.value.id == name):
                continue
            array = next(iter(unit.written)).partition("[")[0]
            if any(row.partition("[")[0] == array for other in self.units for row in other.read):
                continue
            if not any(unit.written & other.written for other in self.units if other is not unit):
                return unit
        return None

    def _users(self, unit: _Unit) -> int:
        return sum(unit.made in other.uses for other in self.units)

    def _needed(self, unit: _Unit, left: Sequence[_Unit]) -> list[_Unit]:
        """A statement after those that it needs, and after those that read what it overwrites."""
        arrays = {row.partition("[")[0] for row in unit.written}
        wanted = [unit]
        earlier = self.units[: self.units.index(unit)]
        wanted += [
            each for each in earlier if each in left and arrays & {row.partition("[")[0] for row in each.read}
        ]
        found: set[_Unit] = set()
        while wanted:
            each = wanted.pop()
            if each in found or each not in left:
                continue
            found.add(each)
            wanted += [self._by_name[name] for name in each.uses]
        return [each for each in self.units if each in found]

    def _cost(self, loop: Sequence[_Unit], left: Sequence[_Unit]) -> int:
        own = {unit.made for unit in loop if unit.made}
        later = set[str]().union(*(unit.uses for unit in left)) & own
        later = {name for name in later if self.store_of(name) is None}
        before = set[str]().union(*(unit.uses for unit in loop)) - own
        return _checks(loop, before, later)

    def crossing(self, loop: Sequence[_Unit]) -> Iterator[str]:
        """Names of a loop that other loops read."""
        inside = set(loop)
        for unit in loop:
            if unit.made and any(unit.made in other.uses for other in self.units if other not in inside):
                if unit.made not in self.dtypes:
                    raise _NotSimpleError
                yield unit.made

    def written(self, unit: _Unit, loop: Sequence[_Unit], places: Mapping[str, str]) -> Lines:
        """A statement's text in its loop.

        Parameters
        ----------
        places
            Where names stand that several loops use.
        """
        own = {each.made for each in loop if each.made}
        elsewhere = {name: place for name, place in places.items() if name not in own}
        value = ast.unparse(_Placed(elsewhere).visit(unit.node.value))
        if not unit.made:
            target = ast.unparse(unit.node.targets[0])
            return [f"{target} = {value}"] if target != value else []
        place = places.get(unit.made)
        if place is None or self.store_of(unit.made) in loop:
            return [f"{unit.made} = {value}"]
        if any(unit.made in each.uses for each in loop):
            return [f"{unit.made} = {value}", f"{place} = {unit.made}"]
        return [f"{place} = {value}"]


def _checks(loop: Sequence[_Unit], before: set[str], later: set[str] = frozenset()) -> int:  # type: ignore[assignment]
    """Pairs of rows that a compiler must find apart.

    Parameters
    ----------
    before, later
        Names that stand in rows of their own: those that are read, and those that are written.
    """
    written = set[str]().union(*(unit.written for unit in loop)) | {f"{name} row" for name in later}
    if not written:
        written = {""}
    read = set[str]().union(*(unit.read for unit in loop)) | {f"{name} row" for name in before}
    return len(written) * len(read - written) + len(written) * (len(written) - 1) // 2


def _has(node: ast.expr, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


def _array_of(target: ast.expr) -> str:
    return "".join(c if c.isalnum() else "_" for c in ast.unparse(target).partition("[")[0])


class _Replaced(ast.NodeTransformer):
    """Puts a name in place of a part of an expression."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, or what stands for it."""
        return self._new if node is self._old else super().visit(node)


class _Placed(ast.NodeTransformer):
    """Puts elements of rows in place of names."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def visit_Name(self, node: ast.Name) -> ast.AST:
        place = self._places.get(node.id)
        return node if place is None else ast.parse(place, mode="eval").body
