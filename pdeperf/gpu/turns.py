"""Time loops on the GPU that take several steps at a time, between the turns in which the script looks."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Version
from pdeperf.arrays.loops.schedule import scheduled
from pdeperf.arrays.loops.slots import Loop
from pdeperf.arrays.paths import plain
from pdeperf.arrays.program import Item, Kept, Nested, Run, runs_of
from pdeperf.gpu.ahead import ahead, indented, mentions
from pdeperf.gpu.cuda import Kernel
from pdeperf.gpu.cuda_tiles import TileWriter
from pdeperf.gpu.exchanges import is_apart, with_exchanges
from pdeperf.gpu.first import kept_statements
from pdeperf.gpu.passed_on import permuted
from pdeperf.gpu.selections import merged
from pdeperf.gpu.tile_plan import TilePlan
from pdeperf.source.flow import writes

if TYPE_CHECKING:
    from pdeperf.gpu.write import GpuWriter

Lines = list[str]
_LEAVING = (ast.Continue, ast.Return, ast.Raise, ast.Assert, ast.Yield, ast.YieldFrom, ast.Await)
_PURE = frozenset(f"builtins.{name}" for name in "abs bool float int len max min round".split())


@dataclass(frozen=True, slots=True)
class Turns:
    """A time loop that is steps of arrays, with numbers around them, and looks after them.

    Attributes
    ----------
    first
        What stands before the array statements of a turn.
    numbers, rest
        What stands after them: up to the first look, and from there on.
    looks
        Tests of which turns somebody looks at the arrays in.
    bound
        Names that may be others in every turn.
    exchanges
        Exchanges of names after the run that are now part of it.
    dropped
        Names that only these read.
    """

    loop: ast.For | ast.While
    first: tuple[Item, ...]
    run: Run
    numbers: tuple[Item, ...]
    rest: tuple[Item, ...]
    looks: tuple[ast.expr, ...]
    bound: frozenset[str]
    exchanges: tuple[Kept, ...] = ()
    dropped: frozenset[str] = frozenset()

    @property
    def items(self) -> list[Item]:
        """The loop's body."""
        return [*self.first, self.run, *self.numbers, *self.rest]


def turns_of(writer: "GpuWriter", item: Nested) -> Turns | None:
    """The time loop that a loop is; None if its steps cannot be taken together."""
    loop = item.statement
    if not isinstance(loop, ast.For | ast.While) or item.blocks.get("orelse"):
        return None
    head = writer.on_gpu.head(loop)
    if head.reads | head.writes or any(isinstance(node, _LEAVING) for node in ast.walk(loop)):
        return None
    body = [each for each in item.blocks["body"] if not (isinstance(each, Run) and _is_empty(each))]
    places = [place for place, each in enumerate(body) if isinstance(each, Run)]
    if len(places) != 1:
        return None
    run = body[places[0]]
    assert isinstance(run, Run)
    before, rest = [*body[: places[0]], *run.before], body[places[0] + 1 :]
    live = run.live & run.names.keys()
    run, rest, exchanges = with_exchanges(writer, run, rest)
    dropped = live - run.live
    first = tuple(each for each in before if is_apart(writer, each))
    if len(first) < len(before):
        return None
    looks: list[ast.expr] = []
    begun = len(rest)
    later: frozenset[str] = frozenset()
    for place, each in enumerate(rest):
        if not is_apart(writer, each):
            test = _look(each)
            if test is None or not _is_plain(writer, test) or _names(ast.unparse(test)) & later:
                return None
            looks.append(test)
            begun = min(begun, place)
        if looks:
            later |= _bound(each)
    bound = _bound(item).union(*map(_bound, rest), *map(_bound, first)) - writer.on_gpu.device.keys()
    numbers, after = tuple(rest[:begun]), tuple(rest[begun:])
    run = replace(run, before=[])
    return Turns(loop, first, run, numbers, after, tuple(looks), bound, exchanges, dropped)


def _is_empty(run: Run) -> bool:
    return not (run.steps or run.before or run.names)


def _look(item: Item) -> ast.expr | None:
    """The test of a branch without an alternative."""
    match item:
        case Kept(statement=ast.If(test=test, orelse=[])) | Nested(statement=ast.If(test=test, orelse=[])):
            return test
    return None


def _bound(item: Item) -> frozenset[str]:
    """Names and paths that a statement binds; of a loop, those of its head."""
    if isinstance(item, Run):
        return frozenset()
    tree: ast.AST = item.statement
    if isinstance(tree, ast.For):
        tree = tree.target
    elif isinstance(tree, ast.While):
        tree = tree.test
    stored = {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    return frozenset(stored) | writes(tree)


def _is_plain(writer: "GpuWriter", test: ast.expr) -> bool:
    """Is a test about numbers, and the same when it is made twice?"""
    allowed = (
        ast.Compare, ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Name, ast.Attribute, ast.Constant, ast.Call,
        ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
    )  # fmt: skip
    parts = list(ast.walk(test))
    called = [writer._names.called(node.func) for node in parts if isinstance(node, ast.Call)]
    pure = all(name.startswith("math.") or name in _PURE for name in called)
    return pure and all(isinstance(node, allowed) for node in parts) and not writer.on_gpu._of(test).reads


def in_turns(writer: "GpuWriter", item: Nested) -> Lines | None:
    """A time loop's text with several steps in one kernel; None if it has none.

    Steps are put off until there are enough of them, or somebody looks at the arrays.
    """
    found = turns_of(writer, item)
    if found is None:
        return None
    names = writer._names
    try:
        tiles = _tiles(writer, found)
        made = tiles.kernel()
    except Unliftable:
        return None
    if any(_names(text) & found.bound for text in tiles.size_names):
        return None
    others = [each for each in kept_statements(writer.items) if each not in found.exchanges]
    if {state.name for state in tiles.plan.states} & writer.on_gpu.aliased(others):
        return None
    if tiles.plan.numbers:
        return _ahead(writer, found)
    # Written twice at most: when it turns out that arrays take turns, they have other names.
    loop = Loop(found.loop, found.items)
    while True:
        known = len(loop.working)
        loop.before.clear()
        loop.after.clear()
        writer._loops.append(loop)
        first = writer._block(found.first)
        single = writer._run(found.run)
        writer._fresh.clear()
        numbers = writer._block(found.numbers)
        writer._fresh.clear()
        rest = writer._block(found.rest)
        made = _tiles(writer, found).kernel()
        if len(loop.working) == known:
            break
        writer._loops.pop()
    text = "\n".join([*single, *(each for each in made.arguments if each.startswith("*"))])
    changing = [path for path in sorted(found.bound) if mentions(text, path)]
    steps = names.fresh_plain("steps")
    put_off = _PutOff(steps, {path: names.fresh_plain(f"{plain(path)}_then") for path in changing})
    together = _launched(writer, found, tiles, made, loop, put_off)
    writer._loops.pop()
    count = tiles.plan.steps_count
    one_by_one = put_off.one_by_one(single)
    looks = list(map(ast.unparse, found.looks))
    if tiles.plan.new:
        # Somebody may look at what only the last step makes: that is always taken by itself.
        inner = [f"if {put_off.count} > {count}:", *indented([*together, put_off.fewer(count)])]
        if looks:
            inner += [f"if {_any_of(looks)}:", *indented([*one_by_one, put_off.none_left])]
    else:
        taken = [f"if {put_off.count} == {count}:", *indented(together), "else:", *indented(one_by_one)]
        inner = [f"if {_any_of([f'{put_off.count} == {count}', *looks])}:"]
        inner += indented([*taken, put_off.none_left])
    writer.on_gpu.drop(found.dropped)
    inner = [*first, put_off.one_more, *numbers, *inner, *rest]
    writer._fresh.clear()
    return [
        *writer.renamed(loop.before),
        put_off.none_yet,
        *writer.head(found.loop),
        *indented(inner),
        *one_by_one,
        *writer.renamed(loop.after),
    ]


def _ahead(writer: "GpuWriter", found: Turns) -> Lines | None:
    """A loop whose steps make numbers that it needs: the GPU is ahead of it."""
    parts = ahead(writer, found, _tiles)
    if parts is None:
        return None
    writer.on_gpu.drop(found.dropped)
    looks = list(map(ast.unparse, found.looks))
    inner = [*parts.first, *parts.taken, *parts.numbers]
    inner += [f"if {_any_of(looks)}:", *indented(parts.settled)] if looks else []
    return [*parts.before, *writer.head(found.loop), *indented([*inner, *parts.rest]), *parts.after]


def _any_of(tests: Sequence[str]) -> str:
    """A test that is true when one of some is."""
    if len(tests) == 1:
        return tests[0]
    is_loose = (isinstance(ast.parse(each, mode="eval").body, ast.BoolOp | ast.IfExp) for each in tests)
    return " or ".join(f"({each})" if loose else each for each, loose in zip(tests, is_loose, strict=True))


@dataclass(frozen=True, slots=True)
class _PutOff:
    """Steps that are still to be taken.

    Attributes
    ----------
    steps
        The name of their number, or of the list of the numbers that each is to be taken with.
    then
        Names and paths that may be others in every turn, and what they are called when a step is taken.
    """

    steps: str
    then: dict[str, str]

    def at_its_time(self, row: str) -> str:
        """A line with the numbers of its own step."""
        if not self.then:
            return row
        longest = sorted(self.then, key=len, reverse=True)
        pattern = rf"(?<![\w.])(?:{'|'.join(map(re.escape, longest))})(?!\w)"
        return re.sub(pattern, lambda found: self.then[found[0]], row)

    def _tuple(self, names: Iterable[str]) -> str:
        return f"({', '.join(names)}{',' if len(self.then) == 1 else ''})"

    @property
    def count(self) -> str:
        """How many there are."""
        return f"len({self.steps})" if self.then else self.steps

    @property
    def none_yet(self) -> str:
        """Before the loop."""
        return f"{self.steps} = {'[]' if self.then else 0}"

    @property
    def none_left(self) -> str:
        """When they have been taken."""
        return f"{self.steps}.clear()" if self.then else f"{self.steps} = 0"

    @property
    def one_more(self) -> str:
        """When a turn's numbers are known."""
        return f"{self.steps}.append({self._tuple(self.then)})" if self.then else f"{self.steps} += 1"

    def fewer(self, count: int) -> str:
        """When some have been taken."""
        return f"del {self.steps}[:{count}]" if self.then else f"{self.steps} -= {count}"

    def of_each(self, text: str, count: int) -> str:
        """Arguments made of the numbers of each step."""
        numbers = self._tuple(self.then.values())
        return f"*({self.at_its_time(text)} for {numbers} in {self.steps}[:{count}])"

    def one_by_one(self, single: Lines) -> Lines:
        """The steps, each with kernels of its own."""
        every = (
            f"{self._tuple(self.then.values())} in {self.steps}" if self.then else f"_ in range({self.steps})"
        )
        return [f"for {every}:", *indented([self.at_its_time(row) for row in single])]


def _tiles(writer: "GpuWriter", found: Turns) -> TileWriter:
    run = merged(found.run, writer._sizes)
    schedule = scheduled(run, writer._sizes, recompute=writer._recompute)

    def changes(text: str) -> bool:
        return bool(_names(text) & found.bound)

    def slot(version: Version) -> str:
        return writer.current(version.buffer.name)

    return TileWriter(TilePlan(run, schedule, writer._sizes), writer._sizes, slot, changes)


def _names(text: str) -> frozenset[str]:
    tree = ast.parse(text, mode="eval")
    return frozenset(
        ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)
    )


def _launched(
    writer: "GpuWriter", found: Turns, tiles: TileWriter, made: Kernel, loop: Loop, put_off: _PutOff
) -> Lines:
    """The launch of a kernel that takes several steps, and what the arrays' names stand for then."""
    names, states = writer._names, tiles.plan.states
    kernel = writer.kernel(made, f"steps_of_{states[0].name.rpartition('.')[2]}")
    new: dict[str, str] = {}
    before: Lines = []
    after: Lines = []
    rebound = {name for run in runs_of(loop.items) for name in run.names}
    for state in states:
        if state.name in loop.working:
            old, other = loop.working[state.name]
            new[state.name] = other
            after.append(f"{old}, {other} = {other}, {old}")
            continue
        own = names.fresh_plain(f"{state.name.rpartition('.')[2]}_then")
        here = writer.current(state.name)
        writer.arrays[own] = state.buffer
        new[state.name] = own
        like = f"{own} = {writer._library}.empty_like({here})"
        if state.name in rebound:
            before.append(like)
            after.append(f"{here} = {own}")
        else:
            loop.before.append(like)
            after.append(f"{here}, {own} = {own}, {here}")
    arguments: list[str] = []
    for text in kernel.arguments:
        if text.startswith("new "):
            arguments.append(new[text.removeprefix("new ")])
        elif text.startswith("*"):
            arguments.append(put_off.of_each(text.removeprefix("*"), tiles.plan.steps_count))
        else:
            arguments.append(text)
    cells = ", ".join(kernel.cells)
    launch = f"in_tiles({kernel.name}, {tiles.inner}, ({cells}), ({', '.join(arguments)}))"
    return [
        *writer.renamed([*before, launch, *after]),
        *permuted(writer.on_gpu, found.run, tiles.plan.steps_count),
    ]
