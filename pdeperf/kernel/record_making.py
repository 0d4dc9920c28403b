"""Lists of records that are made on the spot, as arrays: filled by loops where that can be.

::

    F = [hll(U[i], U[i + 1]) for i in range(n - 1)]

    F = np.empty((max(n - 1, 0), 3))
    for i in range(n - 1):
        F[i, 0], F[i, 1], F[i, 2] = hll(...)
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pdeperf.kernel.blocks import block_of
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.record_groups import with_slot
from pdeperf.kernel.record_walks import means_else
from pdeperf.kernel.records import Records
from pdeperf.kernel.sums_as_loops import unused
from pdeperf.kernel.turn_counts import added, first_of, is_plain, not_negative, place_of, turns_of
from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.written_numbers import written_number
from pdeperf.source.edits import indentation, lines_extent, owns_lines
from pdeperf.source.scopes import scope_of, uses_of

if TYPE_CHECKING:
    from pdeperf.kernel.record_lists import RecordLists


_LONGEST = 110
"""How long a line may be."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Elements that stand next to each other: so many by a text, or those that are written down."""

    length: str
    elements: tuple[ast.expr, ...] = ()
    made: ast.ListComp | None = None


@dataclass(slots=True)
class Making:
    """What makes lists of records in a file."""

    lists: "RecordLists"
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        module = self.lists.types.module
        self.taken = {node.id for node in module.all(ast.Name)} | {node.arg for node in module.all(ast.arg)}

    def zones(self) -> Iterator[tuple[Slot, int, int]]:
        """Where lists are built by ``append`` that become arrays in a line of their own."""
        module = self.lists.types.module
        for node in module.all(ast.Assign):
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=name) as target],
                    value=ast.Call(func=ast.Name(id="list"), args=[ast.Name(id=other)]),
                ) if name == other and name in self.lists.built:
                    pass
                case _:
                    continue
            head = self.lists.groups.of(target)
            block, _ = block_of(module, node)
            starts = [
                one
                for one in block[: block.index(node)]
                if isinstance(one, ast.Assign | ast.AnnAssign)
                and ast.unparse(one.targets[0] if isinstance(one, ast.Assign) else one.target) == name
            ]
            if head in self.lists.active and head is not None and starts:
                yield head, starts[-1].lineno, node.lineno
                width = self.lists.width(target)
                self.lists.rendering.made[id(node.value)] = (
                    f"np.array({name}, dtype=np.float64).reshape(-1, {width})"
                )

    def write(self, node: ast.expr) -> None:
        """Write what makes a list of records, if it is bound to one that becomes an array."""
        types = self.lists.types
        if isinstance(node, ast.Call):
            self._appended(node)
            return
        if not isinstance(node, ast.List | ast.ListComp | ast.BinOp):
            return
        found = types.of(node)
        if not isinstance(found, Records) or not self.lists.is_bound(node):
            return
        head = self._head(node)

        if head is not None and not self.lists.is_building(node, head):
            with_slot(head, lambda: self._written(node, head))

    def _appended(self, call: ast.Call) -> None:
        """What is appended where a list is built is what it is made of."""
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name() as base, attr="append"), args=[value]):
                head = self.lists.head(base)
                if head is not None:
                    with_slot(head, lambda: self.lists.check(value, self.lists.width(base)))

    def _head(self, node: ast.expr) -> Slot | None:
        """The list that it becomes."""
        types = self.lists.types
        home = types.module.parents[node]
        match home:
            case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
                return self.lists.groups.of(target)
        return next(iter(self.lists.active), None)

    def _written(self, node: ast.expr, head: Slot) -> None:
        types = self.lists.types
        found = types.of(node)
        assert isinstance(found, Records)
        home = types.module.parents[node]
        if found.of is None:
            raise NoArrayError("it is empty at first")
        width = found.of.width
        for element in self._elements(node):
            self.lists.check(element, width)
        text = self.lists.rendering.within
        if (count := _zeros(node)) is not None:
            length = self._size(count)
            self.lists.rendering.made[id(node)] = f"np.zeros(({length}, {width}))"
            return
        parts = [*self._parts(node)]
        is_whole = (
            isinstance(home, ast.Assign) and len(home.targets) == 1 and isinstance(home.targets[0], ast.Name)
        )
        is_returned = isinstance(home, ast.Return)
        if parts and (is_whole or is_returned) and owns_lines(types.module, [home]):  # type: ignore[list-item]
            assert isinstance(home, ast.Assign | ast.Return)
            self._filled(home, node, parts, width)
            return
        if isinstance(node, ast.BinOp):
            raise NoArrayError("lists are joined")
        self.lists.rendering.made[id(node)] = lambda: (
            f"np.array({text(node)}, dtype=np.float64).reshape(-1, {width})"
        )

    def _elements(self, node: ast.expr) -> Iterator[ast.expr]:
        match node:
            case ast.List(elts=elements):
                yield from elements
            case ast.ListComp(elt=element):
                yield element
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from (*self._elements(left), *self._elements(right))
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                yield from self._elements(left if isinstance(left, ast.List) else right)
            case _:
                raise NoArrayError(f"`{ast.unparse(node)[:40]}` is part of a list")

    def _parts(self, node: ast.expr) -> Iterator[_Part]:
        """The parts of a list in order; nothing where one is not known."""
        match node:
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                before, after = [*self._parts(left)], [*self._parts(right)]
                yield from (*before, *after) if before and after else ()
            case ast.BinOp(left=ast.List(elts=[value]), op=ast.Mult(), right=count) if is_plain(count):
                yield _Part(self._size(count), (value,))
            case ast.List(elts=[*elements]):
                yield _Part("", tuple(elements))
            case ast.ListComp(generators=[ast.comprehension(ifs=[], is_async=0) as part]):
                length = self._length(part)
                if length:
                    yield _Part(length, made=node)

    def _length(self, part: ast.comprehension) -> str:
        if known := self.lists.lengths.get(id(part)):
            text = known[1]()
            return text if " - " not in text else f"max({text}, 0)"
        match part.iter:
            case ast.Call(func=ast.Name(id="range"), args=[count], keywords=[]) if is_plain(count):
                return self._size(count)
        return turns_of(self.lists.types.module, part.iter)

    def _size(self, count: ast.expr) -> str:
        """Text of a length, which is zero where the source does not prove that it is no less."""
        module = self.lists.types.module
        written = written_number(count, module, scope_of(module, count))
        if (written is not None and written >= 0) or _is_length(count):
            return self.lists.rendering.one_line(count)
        return not_negative(module, count)

    def _filled(self, home: ast.Assign | ast.Return, node: ast.expr, parts: list[_Part], width: int) -> None:
        """Lines that fill the array take the place of the statement."""
        module = self.lists.types.module
        name = ast.unparse(home.targets[0]) if isinstance(home, ast.Assign) else ""
        target = name
        if not name or self._is_read(name, node):
            target = unused(f"{name}_new" if name else "made", self.taken)
        fresh: dict[str, str] = {}
        for part in parts:
            if part.made is not None:
                fresh |= self._renamed(home, part.made)
        start, end = lines_extent(module, [home])
        if "#" in module.text[start:end]:
            raise NoArrayError("a comment stands within")
        indent = indentation(module, home)

        def lines() -> str:
            rows = ""
            count, lengths = 0, list[str]()
            for part in parts:
                if not part.length:
                    for at, element in enumerate(part.elements):
                        last = part is parts[-1] and lengths
                        place = str(at - len(part.elements)) if last else added(count, lengths)
                        rows += self._row(indent, target, place, element, width)
                        count += 1
                    continue
                rows += self._loop(part, target, indent, added(count, lengths), width)
                lengths.append(part.length)
            lead = f"{indent}{target} = np.empty(({added(count, lengths)}, {width}))\n"
            tail = f"{indent}return {target}\n" if not name else f"{indent}{name} = {target}\n"
            return lead + rows + (tail if target != name else "")

        self.lists.rendering.statements[id(home)] = lines

    def _is_read(self, name: str, node: ast.expr) -> bool:
        """Is the old list looked at while the new one is made?"""
        module = self.lists.types.module
        if any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node)):
            return True
        scope = scope_of(module, node)
        calls = any(
            isinstance(one, ast.Call) and not qualified(one.func, module, scope) for one in ast.walk(node)
        )
        others = [
            one
            for one in uses_of(name, module)
            if scope_of(module, one).node is not scope.node
            and (owner := scope_of(module, one).resolve(name)) is not None
            and owner.node is scope.node
        ]
        return calls and bool(others)

    def _renamed(self, home: ast.stmt, made: ast.ListComp) -> dict[str, str]:
        module = self.lists.types.module
        if id(made.generators[0]) in self.lists.lengths:
            return {}
        bound = {one.id for one in ast.walk(made.generators[0].target) if isinstance(one, ast.Name)}
        kept = {
            name: unused(name, self.taken) for name in sorted(bound) if means_else(module, name, home, made)
        }
        for node in ast.walk(made):
            if isinstance(node, ast.Name) and node.id in kept and id(node) not in self.lists.rendering.made:
                self.lists.rendering.made[id(node)] = kept[node.id]
        return kept

    def _loop(self, part: _Part, target: str, indent: str, first: str, width: int) -> str:
        text = self.lists.rendering.text
        if part.made is None:
            at = unused("k", self.taken)
            source, low, element = f"range({part.length})", "0", part.elements[0]
        else:
            walk = part.made.generators[0]
            at, source, element = text(walk.target), self.lists.rendering.one_line(walk.iter), part.made.elt
            low = first_of(walk.target, walk.iter, self.lists.rendering.one_line)
            low = "0" if id(walk) in self.lists.lengths else low
        counter = ast.Name(at.split(",")[0])
        place = place_of(counter.id, low, first) if low else ""
        rows = ""
        if not place:
            place = unused("at", self.taken)
            rows += f"{indent}{place} = {first}\n"
            rows += (
                f"{indent}for {at} in {source}:\n{self._row(f'{indent}    ', target, place, element, width)}"
            )
            return rows + f"{indent}    {place} += 1\n"
        return f"{indent}for {at} in {source}:\n{self._row(f'{indent}    ', target, place, element, width)}"

    def _row(self, indent: str, target: str, place: str, element: ast.expr, width: int) -> str:
        value = self.lists.rendering.one_line(element)
        if isinstance(element, ast.Tuple) and value.startswith("("):
            value = value[1:-1].rstrip(",")
        places = ", ".join(f"{target}[{place}, {at}]" for at in range(width))
        return f"{indent}{places} = {_wrapped(value, indent, len(indent) + len(places) + 3)}\n"


def _wrapped(value: str, indent: str, column: int) -> str:
    """A call or several values on lines of their own, where one line would be too long."""
    if column + len(value) <= _LONGEST:
        return value
    made = ast.parse(value, mode="eval").body
    match made:
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as parts, keywords=[]):
            pass
        case ast.Tuple(elts=parts):
            name = ""
        case _:
            return value
    lines = "".join(f"{indent}    {ast.get_source_segment(value, part)},\n" for part in parts)
    return f"{name}(\n{lines}{indent})"


def _is_length(node: ast.expr) -> bool:
    """Is it a sum of lengths, which are never negative?"""
    match node:
        case ast.Constant(value=int(value)):
            return value >= 0
        case ast.Call(func=ast.Name(id="len")):
            return True
        case ast.Call(func=ast.Name(id="max"), args=args):
            return any(isinstance(one, ast.Constant) and one.value == 0 for one in args)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _is_length(left) and _is_length(right)
    return False


def _zeros(node: ast.expr) -> ast.expr | None:
    """The count in ``[(0.0, 0.0)] * n``."""
    match node:
        case ast.BinOp(left=ast.List(elts=[ast.Tuple(elts=parts)]), op=ast.Mult(), right=count):
            zero = all(isinstance(one, ast.Constant) and one.value == 0.0 for one in parts)
            return count if zero else None
    return None
