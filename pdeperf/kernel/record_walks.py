"""Loops and comprehensions over lists of records that become arrays: by index.

::

    for q in U:                     for i in range(len(U)):
        total += q[0]       becomes     q = (float(U[i, 0]), float(U[i, 1]))
                                        total += q[0]
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.record_groups import KeptError
from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.records import Records
from pdeperf.kernel.sums_as_loops import unused
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.edits import indentation, lines_extent, owns_lines
from pdeperf.source.flow import writes
from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS, parameters, scope_of, statement_of, uses_of

if TYPE_CHECKING:
    from pdeperf.kernel.record_lists import RecordLists


@dataclass(frozen=True, slots=True)
class Column:
    """One of the things that are walked together.

    Attributes
    ----------
    first, less
        The place where the walk begins, and how many elements it leaves out altogether.
    """

    target: ast.expr
    base: ast.expr
    first: int
    less: int
    width: int

    def text(self, base: str, at: str, place: int) -> str:
        """One number of the record, or an element that is no record."""
        index = f"{at} + {self.first}" if self.first else at
        return f"float({base}[{index}, {place}])" if self.width else f"{base}[{index}]"

    def whole(self, base: str, at: str) -> str:
        """The whole record."""
        if not self.width:
            return self.text(base, at, 0)
        return f"({', '.join(self.text(base, at, place) for place in range(self.width))})"


@dataclass(slots=True)
class Walks:
    """The walks of one file."""

    lists: "RecordLists"
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        module = self.lists.types.module
        self.taken = {node.id for node in module.all(ast.Name)} | {node.arg for node in module.all(ast.arg)}

    def write(self, walk: ast.For | ast.comprehension) -> None:
        """Write a walk over records by index; leave any other as it is."""
        heads = {
            head
            for node in ast.walk(walk.iter)
            if isinstance(node, ast.expr) and (head := self.lists.head(node)) is not None
        }
        if not heads or not self._gives_records(walk):
            return
        head = next(iter(heads))

        if any(self.lists.is_building(walk.iter, one) for one in heads):
            raise KeptError(head, "it is walked while it is built")
        self.lists.used |= heads
        try:
            counter, columns = self._columns(walk.target, walk.iter)
            self._written(walk, counter, columns)
        except NoArrayError as error:
            raise KeptError(head, str(error)) from error

    def _gives_records(self, walk: ast.For | ast.comprehension) -> bool:
        """Does it walk the list itself, not ``range(len(U))``?"""
        source = walk.iter
        while isinstance(source, ast.Call):
            full = qualified(source.func, self.lists.types.module, scope_of(self.lists.types.module, source))
            if full not in ("builtins.enumerate", "builtins.zip", "builtins.reversed"):
                return False
            if full == "builtins.zip":
                return any(self._is_list(one) for one in source.args)
            if not source.args:
                return False
            source = source.args[0]
        return self._is_list(source)

    def _is_list(self, node: ast.expr) -> bool:
        base = node.value if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) else node
        return self.lists.head(base) is not None and isinstance(self.lists.types.of(base), Records)

    def _columns(self, target: ast.expr, source: ast.expr) -> tuple[ast.Name | None, list[Column]]:
        types = self.lists.types
        if isinstance(source, ast.Call):
            full = qualified(source.func, types.module, scope_of(types.module, source))
            parts = target.elts if isinstance(target, ast.Tuple) else []
            if source.keywords or any(isinstance(one, ast.Starred) for one in (*source.args, *parts)):
                raise NoArrayError("a walk is not followed")
            if full == "builtins.enumerate" and len(source.args) == 1 and len(parts) == 2:
                if not isinstance(parts[0], ast.Name):
                    raise NoArrayError("a walk is not followed")
                return parts[0], self._columns(parts[1], source.args[0])[1]
            if full == "builtins.zip" and len(parts) == len(source.args):
                pairs = zip(parts, source.args, strict=True)
                return None, [column for part, one in pairs for column in self._columns(part, one)[1]]
            raise NoArrayError("a walk is not followed")
        base, first, less = source, 0, 0
        if isinstance(source, ast.Subscript) and isinstance(source.slice, ast.Slice):
            base, first, less = source.value, *_cut(source.slice)
        if not isinstance(base, ast.Name | ast.Attribute):
            raise NoArrayError("a walk is not followed")
        found = types.of(base)
        if self._is_list(base) and isinstance(found, Records) and isinstance(found.of, Record):
            width = found.of.width
            is_plain = isinstance(target, ast.Tuple) and len(target.elts) == width
            is_plain = is_plain and all(isinstance(one, ast.Name) for one in getattr(target, "elts", []))
            if not is_plain and not isinstance(target, ast.Name):
                raise NoArrayError("records are unpacked")
            return None, [Column(target, base, first, less, width)]
        if not self.lists.is_indexed(base) or not isinstance(target, ast.Name) or first or less:
            raise NoArrayError(f"`{ast.unparse(source)[:40]}` is walked beside a list")
        return None, [Column(target, base, 0, 0, 0)]

    def _written(
        self, walk: ast.For | ast.comprehension, counter: ast.Name | None, columns: list[Column]
    ) -> None:
        text = self.lists.rendering.within
        at = counter.id if counter is not None else self._counter(walk)
        made = self.lists.rendering.made
        made[id(walk.target)] = at

        def length() -> str:
            less: dict[str, int] = {}
            for one in columns:
                base = text(one.base)
                less[base] = max(less.get(base, 0), one.less)
            texts = [f"len({base}) - {count}" if count else f"len({base})" for base, count in less.items()]
            return texts[0] if len(texts) == 1 else f"min({', '.join(texts)})"

        made[id(walk.iter)] = lambda: f"range({length()})"
        self.lists.lengths[id(walk)] = at, length
        if isinstance(walk, ast.comprehension):
            for column in columns:
                self._substituted(walk, column, at)
        else:
            self._bound(walk, columns, at)

    def _counter(self, walk: ast.For | ast.comprehension) -> str:
        """A name for the places that are walked."""
        module = self.lists.types.module
        if isinstance(walk, ast.comprehension):
            home = module.parents[walk]
            inside = {node.id for node in ast.walk(home) if isinstance(node, ast.Name)}
            statement = statement_of(module, home)
            is_made = isinstance(statement, ast.Assign | ast.Return) and isinstance(home, ast.ListComp)
            for name in "ijk":
                if name not in inside and not (is_made and means_else(module, name, statement, home)):
                    return name
        else:
            inside = {node.id for node in ast.walk(walk) if isinstance(node, ast.Name)}
            for name in "ijk":
                if name not in inside and not means_else(module, name, walk, walk):
                    return name
        return unused("i", self.taken)

    def _substituted(self, walk: ast.comprehension, column: Column, at: str) -> None:
        """In a comprehension nothing can be bound: each use of the name becomes what it stands for."""
        types = self.lists.types
        home = types.module.parents[walk]
        if self.lists.may_change(home):
            raise NoArrayError("functions that are called meanwhile may change it")
        base = column.base
        texts = self.lists.rendering.within
        names = [column.target] if isinstance(column.target, ast.Name) else [*column.target.elts]  # type: ignore[attr-defined]
        for place, target in enumerate(names):
            assert isinstance(target, ast.Name)
            slot = types.slot_of(target)
            for node in self._uses(home, target.id, slot):
                above = types.module.parents[node]
                is_part = column.width and target is column.target
                if not is_part:
                    self._put(node, lambda place=place: column.text(texts(base), at, place))  # type: ignore[misc]
                elif isinstance(above, ast.Subscript) and above.value is node:
                    self._put(above, lambda above=above: self._one(column, texts(base), at, above))  # type: ignore[misc]
                else:
                    self._put(node, lambda: column.whole(texts(base), at))

    def _one(self, column: Column, base: str, at: str, part: ast.Subscript) -> str:
        index = f"{at} + {column.first}" if column.first else at
        return f"float({base}[{index}, {self.lists.rendering.one_line(part.slice)}])"

    def _put(self, node: ast.expr, text: Callable[[], str]) -> None:
        self.lists.rendering.made[id(node)] = text

    def _uses(self, home: ast.AST, name: str, slot: Slot | None) -> list[ast.Name]:
        types = self.lists.types
        return [
            node
            for node in ast.walk(home)
            if isinstance(node, ast.Name)
            and node.id == name
            and isinstance(node.ctx, ast.Load)
            and types.slot_of(node) == slot
        ]

    def _bound(self, walk: ast.For, columns: list[Column], at: str) -> None:
        """The record is bound at the beginning of each turn."""
        module = self.lists.types.module
        if not owns_lines(module, [walk.body[0]]) or walk.body[0].lineno == walk.lineno:
            raise NoArrayError("a loop stands on one line")
        changed = frozenset[str]().union(*(writes(part) for part in walk.body))
        for column in columns:
            base = column.base
            if isinstance(base, ast.Name) and (base.id in changed or self.lists.is_global_elsewhere(base)):
                raise NoArrayError("it is bound anew in a loop over it")
            if isinstance(base, ast.Attribute) and self.lists.is_stored_in(walk, base):
                raise NoArrayError("it is bound anew in a loop over it")
        if at in changed:
            raise NoArrayError("a counter is changed in a loop")
        start = lines_extent(module, [walk.body[0]])[0]
        indent = indentation(module, walk.body[0])
        text = self.lists.rendering.within

        def lines() -> str:
            rows = ""
            for one in columns:
                base, target = text(one.base), ast.unparse(one.target).strip("()")
                value = one.whole(base, at)
                value = value if isinstance(one.target, ast.Name) else value[1:-1]
                rows += f"{indent}{target} = {value}\n"
            return rows

        self.lists.rendering.inserts.append((start, lines))


def means_else(module: Module, name: str, statement: ast.stmt, within: ast.AST) -> bool:
    """Is a name more, where a statement stands, than what other loops bind for themselves?"""
    home = scope_of(module, statement).node
    if isinstance(home, FUNCTIONS) and name in parameters(home):
        return True
    around = {id(node) for node in module.ancestors(statement)}
    inside = {id(node) for node in ast.walk(within)}
    for node in uses_of(name, module):
        owner = scope_of(module, node).resolve(name)
        if id(node) in inside or (owner is not None and owner.node is not home):
            continue
        binders = [above for above in module.ancestors(node) if name in _bound_by(above)]
        if not binders or any(id(one) in around for one in binders):
            return True
    return False


def _bound_by(node: ast.AST) -> set[str]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.For):
        targets = [node.target]
    elif isinstance(node, COMPREHENSIONS):
        targets = [part.target for part in node.generators]
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _cut(part: ast.Slice) -> tuple[int, int]:
    """Where a slice begins, and how many elements it leaves out."""
    if part.step is not None:
        raise NoArrayError("a part of a list is walked by steps")
    first = 0
    match part.lower:
        case None:
            pass
        case ast.Constant(value=int(first)):
            pass
        case _:
            raise NoArrayError("a part of a list is walked")
    match part.upper:
        case None:
            return first, first
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(last))):
            return first, first + last
    raise NoArrayError("a part of a list is walked")
