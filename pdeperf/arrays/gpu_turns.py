"""Time loops on the GPU that take several steps at a time, between the turns in which the script looks."""

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pdeperf.arrays.cuda import Kernel
from pdeperf.arrays.cuda_tiles import TileWriter
from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Version
from pdeperf.arrays.program import Item, Kept, Nested, Run, runs_of
from pdeperf.arrays.schedule import scheduled
from pdeperf.arrays.selections import merged
from pdeperf.arrays.slots import Loop
from pdeperf.arrays.tile_plan import TilePlan
from pdeperf.source.flow import writes

if TYPE_CHECKING:
    from pdeperf.arrays.gpu_write import GpuWriter

Lines = list[str]
_STEP = "    "
_GROUP = "__group__"
_LEAVING = (ast.Break, ast.Continue, ast.Return, ast.Raise, ast.Assert, ast.Yield, ast.YieldFrom, ast.Await)


@dataclass(frozen=True, slots=True)
class Turns:
    """A time loop that is steps of arrays, with numbers before them, and looks after them.

    Attributes
    ----------
    first, rest
        What stands before and after the array statements of a turn.
    looks
        Tests of which turns somebody looks at the arrays in.
    bound
        Names that are others in every turn.
    """

    loop: ast.For
    counter: str
    first: tuple[Kept, ...]
    run: Run
    rest: tuple[Item, ...]
    looks: tuple[ast.expr, ...]
    bound: frozenset[str]


def turns_of(writer: "GpuWriter", item: Nested) -> Turns | None:
    """The time loop that a loop is; None if its steps cannot be taken together."""
    match item.statement, item.blocks.get("orelse"):
        case (
            ast.For(
                target=ast.Name(id=counter),
                iter=ast.Call(func=ast.Name() as function, args=args, keywords=[]),
            ) as loop,
            [] | None,
        ) if writer._names.called(function) == "builtins.range" and len(args) in (1, 2):
            pass
        case _:
            return None
    body = [each for each in item.blocks["body"] if not (isinstance(each, Run) and _is_empty(each))]
    places = [place for place, each in enumerate(body) if isinstance(each, Run)]
    if len(places) != 1 or any(isinstance(node, _LEAVING) for node in ast.walk(loop)):
        return None
    run = body[places[0]]
    assert isinstance(run, Run)
    before = [*body[: places[0]], *run.before]
    first = tuple(each for each in before if isinstance(each, Kept))
    rest = tuple(body[places[0] + 1 :])
    looks = tuple(test for each in rest if (test := _look(each)) is not None)
    numbers = [*first, *(each for each in rest if _look(each) is None)]
    if len(first) < len(before) or not all(isinstance(each, Kept) for each in numbers):
        return None
    if not all(_is_apart(writer, each) for each in numbers if isinstance(each, Kept)):
        return None
    bound = frozenset[str]().union(*(_bound(each.statement) for each in numbers if isinstance(each, Kept)))
    bound |= {counter}
    inside = frozenset[str]().union(*(writes(part) for part in loop.body)) | bound
    if counter in bound - {counter} or any(counter in _bound(part) for part in loop.body):
        return None
    if not all(_is_plain(test, inside - {counter}) for test in looks):
        return None
    return Turns(loop, counter, first, replace(run, before=[]), rest, looks, bound)


def _is_empty(run: Run) -> bool:
    return not (run.steps or run.before or run.names)


def _look(item: Item) -> ast.expr | None:
    """The test of a branch without an alternative."""
    match item:
        case Kept(statement=ast.If(test=test, orelse=[])) | Nested(statement=ast.If(test=test, orelse=[])):
            return test
    return None


def _is_apart(writer: "GpuWriter", item: Kept) -> bool:
    """Does a statement have nothing to do with arrays on the GPU?"""
    use = writer.on_gpu.use(item)
    return use.as_device is None and not (use.reads or use.writes or use.binds)


def _bound(statement: ast.stmt) -> frozenset[str]:
    """Names and paths that a statement binds."""
    stored = {
        ast.unparse(node)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    return frozenset(stored) | writes(statement)


def _is_plain(test: ast.expr, bound: frozenset[str]) -> bool:
    """Does a test depend on the turn alone?"""
    allowed = (
        ast.Compare, ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Name, ast.Attribute, ast.Constant,
        ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
    )  # fmt: skip
    return all(isinstance(node, allowed) for node in ast.walk(test)) and not any(
        ast.unparse(node) in bound for node in ast.walk(test) if isinstance(node, ast.Name | ast.Attribute)
    )


def in_turns(writer: "GpuWriter", item: Nested) -> Lines | None:
    """A time loop's text with several steps in one kernel; None if it has none."""
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
    if {state.name for state in tiles.plan.states} & writer.on_gpu.aliased(writer.items):
        return None
    # Written twice at most: when it turns out that arrays take turns, they have other names.
    loop = Loop(found.loop, item.blocks["body"])
    while True:
        known = len(loop.working)
        loop.before.clear()
        loop.after.clear()
        writer._loops.append(loop)
        first = [row for each in found.first for row in writer._kept(each)]
        single = writer._run(found.run)
        writer._fresh.clear()
        rest = writer._block(found.rest)
        made = _tiles(writer, found).kernel()
        if len(loop.working) == known:
            break
        writer._loops.pop()
    launched = _launched(writer, found, tiles, made, loop)
    writer._loops.pop()
    turns, turn, group = (names.fresh_plain(stem) for stem in ("turns", "turn", "group"))
    count = tiles.plan.steps_count
    inner: Lines = [f"{group} = {turns}[{turn} : {turn} + {count}]"]
    tests = [f"len({group}) < {count}"]
    if found.looks:
        looks = " or ".join(
            f"({ast.unparse(test)})" if len(found.looks) > 1 else ast.unparse(test) for test in found.looks
        )
        tests.append(f"any({looks} for {found.counter} in {group}[:-1])")
    inner += [f"if {' or '.join(tests)}:", f"{_STEP}{group} = {group}[:1]", f"{turn} += len({group})"]
    inner += launched.numbers(found, writer, first, group)
    inner += [f"if len({group}) > 1:", *(_STEP + row for row in launched.lines(group))]
    inner += ["else:", *(_STEP + row for row in single), *rest]
    lines = [f"{turns} = {ast.unparse(found.loop.iter)}", f"{turn} = 0"]
    lines += [f"while {turn} < len({turns}):", *(_STEP + row if row else row for row in inner)]
    writer._fresh.clear()
    return [*writer.renamed(loop.before), *lines, *writer.renamed(loop.after)]


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


@dataclass(frozen=True, slots=True)
class _Launched:
    """The launch of a kernel that takes several steps.

    Attributes
    ----------
    before
        Arrays that are made for it each time.
    after
        What the arrays' names stand for then.
    lists
        Numbers that change from step to step, and the names of their lists.
    """

    kernel: Kernel
    inner: tuple[int, int]
    arguments: tuple[str, ...]
    before: Lines
    after: Lines
    lists: dict[str, str]
    counter: str
    has_numbers: bool

    def numbers(self, found: Turns, writer: "GpuWriter", first: Lines, group: str) -> Lines:
        """The statements about numbers, for every turn of the group in its order."""
        rest = [row for each in found.rest if _look(each) is None for row in writer._block([each])]
        lines: Lines = []
        if self.has_numbers:
            lines += [f"{name} = []" for name in self.lists.values()]
            kept = [f"{name}.append({text})" for text, name in self.lists.items()]
            lines.append(f"for {self.counter} in {group}[:-1]:")
            lines += [_STEP + row for row in [*first, *kept, *rest]]
            return [*lines, f"{self.counter} = {group}[-1]", *first, *kept]
        return [f"{self.counter} = {group}[-1]"]

    def lines(self, group: str) -> Lines:
        """The launch."""
        arguments = ", ".join(self.arguments).replace(_GROUP, group)
        cells = ", ".join(self.kernel.cells)
        launch = f"in_tiles({self.kernel.name}, {self.inner}, ({cells}), ({arguments}))"
        return [*self.before, launch, *self.after]


def _launched(writer: "GpuWriter", found: Turns, tiles: TileWriter, made: Kernel, loop: Loop) -> _Launched:
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
    has_numbers = bool(found.first or any(_look(each) is None for each in found.rest))
    lists: dict[str, str] = {}
    arguments: list[str] = []
    for text in kernel.arguments:
        if text.startswith("new "):
            arguments.append(new[text.removeprefix("new ")])
        elif text.startswith("*"):
            value = text.removeprefix("*")
            if has_numbers:
                lists.setdefault(value, names.fresh_plain("numbers"))
                arguments.append(f"*{lists[value]}")
            else:
                arguments.append(f"*({value} for {found.counter} in {_GROUP})")
        else:
            arguments.append(text)
    return _Launched(
        replace(kernel, cells=tuple(writer.renamed([*kernel.cells]))),
        tiles.inner,
        tuple(writer.renamed(arguments)),
        writer.renamed(before),
        [*writer.renamed(after), *writer.on_gpu.permuted(found.run, tiles.plan.steps_count)],
        lists,
        found.counter,
        has_numbers,
    )
