"""Lists that are built anew again and again by ``append``, so many elements as the source tells: arrays.

::

    new = [u[1]]                            new = np.empty(2 + len(range(1, n - 1)))
    for i in range(1, n - 1):               new[0] = u[1]
        new.append(f(u[i]))        becomes  for i in range(1, n - 1):
    new.append(u[-2])                           new[i] = f(u[i])
                                            new[-1] = u[-2]
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.kernel.blocks import block_of
from pdeperf.kernel.list_slots import NoArrayError
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.sums_as_loops import one_line, unused
from pdeperf.kernel.turn_counts import added, first_of, place_of, turns_of
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, indentation, lines_extent, owns_lines
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import FUNCTIONS, scope_of

_GROWTH = frozenset("append extend insert pop remove clear".split())
_LEAVES = (ast.Return, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)


@dataclass(frozen=True, slots=True)
class Append:
    """One ``new.append(value)``."""

    call: ast.Call
    value: ast.expr


def appended(node: ast.AST, name: str) -> Append | None:
    """What a statement appends to a variable; None for any other."""
    match node:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(id=one), attr="append"), args=[value], keywords=[]
            ) as call
        ) if one == name and not isinstance(value, ast.Starred):
            return Append(call, value)
    return None


@dataclass(frozen=True, slots=True)
class Filled:
    """Where an array is filled, the edits that do it, and the counters that they add.

    Attributes
    ----------
    rows
        All uses there of variables that stand for its rows.
    """

    statements: tuple[ast.stmt, ...]
    edits: frozenset[Edit]
    counters: tuple[str, ...] = ()
    rows: tuple[ast.Name, ...] = ()

    def holds(self, node: ast.AST) -> bool:
        """Does it stand there?"""
        return any(node is part for one in self.statements for part in ast.walk(one))


@dataclass(slots=True)
class Counting:
    """One place where a list is built.

    Attributes
    ----------
    starts
        All places where the variable is bound to a new list.
    counters
        New variables that count its elements.
    within
        The statements that build the list of which this one is a row.
    made
        What the array is where it is no new one.
    size
        Text of its length, once that is known.
    zone
        The statements that build it.
    """

    module: Module
    start: ast.Assign
    starts: Sequence[ast.Assign]
    values: ListValues
    counters: list[str] = field(default_factory=list)
    within: Sequence[ast.stmt] = ()
    made: str = ""
    size: str = ""
    zone: tuple[ast.stmt, ...] = ()

    @property
    def name(self) -> str:
        return ast.unparse(self.start.targets[0])

    def filled(self, uses: Sequence[ast.Name]) -> Filled:
        block, _ = block_of(self.module, self.start)
        begin = block.index(self.start)
        later = [block.index(one) for one in self.starts if one in block]
        end = min((at for at in later if at > begin), default=None)
        growing = [at for at, part in enumerate(block[:end]) if at > begin and [*self._appends(part)]]
        if not growing:
            raise NoArrayError(f"`{self.name}` grows elsewhere")
        found = Filled(tuple(block[begin : growing[-1] + 1]), frozenset())
        self.zone = found.statements
        inside = [node for part in found.statements for node in ast.walk(part)]
        calls = [one for part in found.statements for one in self._appends(part)]
        known = {id(node) for one in calls for node in ast.walk(one.call.func)} | {id(self.start.targets[0])}
        near = {id(node) for node in inside}
        if any(id(node) in near and id(node) not in known for node in uses):
            raise NoArrayError(f"`{self.name}` is looked at while it is built")
        if any(isinstance(node, _LEAVES) for node in inside) or not owns_lines(self.module, found.statements):
            raise NoArrayError(f"the block that builds `{self.name}` may be left")
        if any(isinstance(above, ast.Try | ast.With) for above in self.module.ancestors(self.start)):
            raise NoArrayError(f"`{self.name}` may be seen half built")
        homes = {self._home(node) for node in uses}
        if len(homes) > 1 and any(map(self._calls_own, found.statements)):
            raise NoArrayError(f"functions that are called meanwhile may look at `{self.name}`")
        for one in calls:
            self.check(one.value)
        edits = frozenset(self._edits(found.statements))
        return replace(found, edits=edits, counters=tuple(self.counters))

    def check(self, value: ast.expr) -> None:
        """Raise unless it may be an element."""
        if not self.values.is_made_of(value):
            raise NoArrayError(f"`{ast.unparse(value)[:40]}` may be no number")

    def unfilled(self) -> str:
        """Text of what holds the elements before there are any."""
        dtype = "" if self.values.dtype == "float64" else f", dtype=np.{self.values.dtype}"
        return self.made or f"np.empty({self.shape()}{dtype})"

    def shape(self) -> str:
        """Text of the size of the array."""
        return self.size

    def _appends(self, part: ast.AST) -> Iterator[Append]:
        for node in ast.walk(part):
            if (found := appended(node, self.name)) is not None:
                yield found

    def _edits(self, zone: Sequence[ast.stmt]) -> Iterator[Edit]:
        assert isinstance(self.start.value, ast.List)
        elements = self.start.value.elts
        for one in elements:
            self.check(one)
        count, lengths = len(elements), list[str]()
        taken = {node.id for node in self.module.all(ast.Name)}
        last = max((at for at, part in enumerate(zone) if isinstance(part, ast.For)), default=0)
        tail = sum(appended(part, self.name) is not None for part in zone[last + 1 :])
        edits: list[Edit] = []
        for at, part in enumerate(zone[1:], 1):
            if (found := appended(part, self.name)) is not None:
                edits += self.stored(found, str(-tail) if at > last and lengths else added(count, lengths))
                tail -= at > last
                count += 1
            elif [*self._appends(part)]:
                length, made = self._loop(part, added(count, lengths), taken)
                lengths.append(length)
                edits += made
        if not lengths:
            raise NoArrayError(f"`{self.name}` gets a few numbers only")
        self.size = added(count, lengths)
        yield from self.begun(elements)
        yield from edits

    def begun(self, elements: Sequence[ast.expr]) -> Iterator[Edit]:
        """``new = np.empty(...)``, and the first elements on lines of their own."""
        first, end = extent(self.module, self.start.value)
        text, indent = self.unfilled(), indentation(self.module, self.start)
        for at, element in enumerate(elements):
            start, stop = extent(self.module, element)
            yield Edit(first, start, f"{text}\n{indent}{self.name}[{at}] = ")
            first, text = stop, ""
        yield Edit(first, end, text)

    def stored(self, found: Append, place: str) -> Iterator[Edit]:
        """``new[i] = value`` for ``new.append(value)``."""
        whole, function = extent(self.module, found.call), extent(self.module, found.call.func)
        start, end = extent(self.module, found.value)
        before, after = self.module.text[function[1] : start], self.module.text[end : whole[1]]
        if "," in after or "#" in after:
            raise NoArrayError("a comment stands within an append")
        if before.strip() == "(" and after.strip() == ")" and "\n" not in self.module.text[start:end]:
            yield Edit(function[0], start, f"{self.name}[{place}] = ")
            yield Edit(end, whole[1], "")
        else:
            yield Edit(*function, f"{self.name}[{place}] = ")

    def _loop(self, loop: ast.stmt, first: str, taken: set[str]) -> tuple[str, list[Edit]]:
        """The number of turns of a loop that appends once in each, and its edits."""
        length = turns_of(self.module, loop.iter) if isinstance(loop, ast.For) and not loop.orelse else ""
        if not length or not isinstance(loop, ast.For) or self._per_turn(loop.body) != 1:
            raise NoArrayError(f"how many elements `{self.name}` gets is not known")
        if not self.is_kept(reads(loop.iter), [loop]):
            raise NoArrayError(f"how many elements `{self.name}` gets may change")
        place = self._counter(loop, first)
        edits: list[Edit] = []
        if not place:
            place = unused(f"{self.name}_count", taken)
            self.counters.append(place)
            start = lines_extent(self.module, [loop])[0]
            edits.append(Edit(start, start, f"{indentation(self.module, loop)}{place} = {first}\n"))
            end = lines_extent(self.module, [loop.body[-1]])[1]
            lead = "" if self.module.text[end - 1 : end] == "\n" else "\n"
            count = f"{lead}{indentation(self.module, loop.body[-1])}{place} += 1\n"
            edits.append(Edit(end, end, count))
        for one in self._appends(loop):
            edits += self.stored(one, place)
        return length, edits

    def is_kept(self, told: frozenset[str], running: Sequence[ast.stmt]) -> bool:
        """Do names tell the same lengths all the time while the list is built?"""
        zone = (*self.zone, *self.within)
        changed = frozenset[str]().union(*(writes(part) for part in zone))
        methods = {
            node.value.id
            for part in zone
            for node in ast.walk(part)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        calls = any(map(self._calls_own, running))
        may_grow = calls and any(map(self._grows, self.module.all(ast.FunctionDef)))
        return not (told & (changed | methods) or self.name in told or may_grow)

    def _home(self, node: ast.AST) -> ast.AST | None:
        return next((one for one in self.module.ancestors(node) if isinstance(one, FUNCTIONS)), None)

    def _calls_own(self, loop: ast.stmt) -> bool:
        """Does a statement call more than library functions, and ``append``?"""
        scope = scope_of(self.module, loop)
        return any(
            isinstance(node, ast.Call)
            and appended(self.module.parents[node], self.name) is None
            and not qualified(node.func, self.module, scope)
            for node in ast.walk(loop)
        )

    def _grows(self, function: ast.FunctionDef) -> bool:
        """Does a function change the length of a list that is not its own?"""
        mine = {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        given = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
        return any(
            isinstance(node, ast.Attribute)
            and node.attr in _GROWTH
            and not (isinstance(node.value, ast.Name) and node.value.id in mine - given)
            for node in ast.walk(function)
        ) or any(isinstance(node, ast.Delete | ast.Global | ast.Nonlocal) for node in ast.walk(function))

    def _counter(self, loop: ast.For, first: str) -> str:
        """The place of a turn's element, if the loop's own counter tells; empty if it does not."""
        target, text = loop.target, self._text
        low = first_of(target, loop.iter, text)
        match target, loop.iter:
            case ast.Tuple(elts=[ast.Name() as index, _]), ast.Call(
                func=ast.Name(id="enumerate"), args=[_], keywords=[]
            ):
                target, low = index, "0"
        if not isinstance(target, ast.Name) or not low:
            return ""
        if any(target.id in writes(part) for part in loop.body):
            return ""
        return place_of(target.id, low, first)

    def _per_turn(self, block: Sequence[ast.stmt]) -> int:
        """How many elements a block appends, whatever branches it takes; -1 if that differs."""
        count = 0
        for part in block:
            if not [*self._appends(part)]:
                continue
            if appended(part, self.name) is not None:
                count += 1
            elif isinstance(part, ast.If):
                branches = {self._per_turn(part.body), self._per_turn(part.orelse)}
                if len(branches) > 1 or -1 in branches:
                    return -1
                count += branches.pop()
            else:
                return -1
        return count

    def _text(self, node: ast.expr) -> str:
        return one_line(self.module, node, {})
