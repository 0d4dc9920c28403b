"""Time loops on the GPU that a number of each step steers: several steps are taken ahead of the loop."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Definition, Reduction
from pdeperf.arrays.loops.slots import Loop
from pdeperf.arrays.program import runs_of
from pdeperf.gpu.cuda import Kernel
from pdeperf.gpu.cuda_tiles import TileWriter
from pdeperf.gpu.passed_on import permuted

if TYPE_CHECKING:
    from pdeperf.gpu.turns import Turns
    from pdeperf.gpu.write import GpuWriter

Lines = list[str]
_STEP = "    "


def indented(rows: Lines) -> Lines:
    """One step further in."""
    return [_STEP + row if row else row for row in rows]


def mentions(text: str, path: str) -> bool:
    """Does a text have a name or path in it?"""
    return re.search(rf"(?<![\w.]){re.escape(path)}(?!\w)", text) is not None


@dataclass(frozen=True, slots=True)
class Ahead:
    """The text of a loop that is behind the GPU.

    Attributes
    ----------
    before, after
        What stands before and after the loop.
    taken
        In each turn, before its numbers: a step that has been taken, or the launch of several.
    settled
        Where the script looks: the arrays as they are after the steps that the loop has come to.
    """

    first: Lines
    before: Lines
    taken: Lines
    numbers: Lines
    settled: Lines
    rest: Lines
    after: Lines


def ahead(writer: "GpuWriter", found: "Turns", tiles: Callable[..., TileWriter]) -> Ahead | None:
    """A loop's text with steps taken ahead; None if a step is not the same whenever it is taken.

    The arrays before the steps are kept: where the loop ends, or the script looks, before all steps
    that were taken are its own, the right ones are taken again.
    """
    names = writer._names
    bare = replace(found.run, steps=[], reduced=[])
    bare.steps += (step for step in found.run.steps if isinstance(step, Definition))
    host = permuted(writer.on_gpu, found.run)
    loop = Loop(found.loop, found.items)
    while True:
        known = len(loop.working)
        loop.before.clear()
        loop.after.clear()
        writer._loops.append(loop)
        first = writer._block(found.first)
        single = writer._run(bare)
        del single[len(single) - len(host) :]  # of the host's arrays each turn of the loop is one
        writer._fresh.clear()
        numbers = writer._block(found.numbers)
        writer._fresh.clear()
        rest = writer._block(found.rest)
        kernels = tiles(writer, found)
        made = kernels.kernel()
        if len(loop.working) == known:
            break
        writer._loops.pop()
    text = "\n".join([*single, *made.arguments])
    others = found.bound.union(number.name for number in kernels.plan.numbers.values())
    if kernels.plan.new or any(mentions(text, path) for path in others):
        writer._loops.pop()
        return None
    steps_ahead = names.fresh_plain("ahead")
    launched, back = _launched(writer, kernels, made, loop, steps_ahead)
    writer._loops.pop()
    writer._fresh.clear()
    settled = [
        f"if {steps_ahead}:",
        *indented([*back, f"for _ in range({kernels.plan.steps_count} - len({steps_ahead})):"]),
        *indented(indented(single)),
        *indented([f"{steps_ahead} = []"]),
    ]
    called = ", ".join(number.name for number in kernels.plan.numbers.values())
    return Ahead(
        first=first,
        before=[*writer.renamed(loop.before), f"{steps_ahead} = []"],
        taken=[f"if not {steps_ahead}:", *indented(launched), f"{called} = {steps_ahead}.pop(0)", *host],
        numbers=numbers,
        settled=settled,
        rest=rest,
        after=[*settled, *writer.renamed(loop.after)],
    )


def _launched(
    writer: "GpuWriter", tiles: TileWriter, made: Kernel, loop: Loop, steps_ahead: str
) -> tuple[Lines, Lines]:
    """The launch of a kernel that takes several steps ahead, and what takes these back."""
    names, states = writer._names, tiles.plan.states
    kernel = writer.kernel(made, f"steps_of_{states[0].name.rpartition('.')[2]}")
    new: dict[str, str] = {}
    before: Lines = []
    after: Lines = []
    back: Lines = []
    rebound = {name for run in runs_of(loop.items) for name in run.names}
    for state in states:
        here = writer.current(state.name)
        if state.name in loop.working:
            _, new[state.name] = loop.working[state.name]
        else:
            own = new[state.name] = names.fresh_plain(f"{state.name.rpartition('.')[2]}_then")
            writer.arrays[own] = state.buffer
            like = f"{own} = {writer._library}.empty_like({here})"
            (before if state.name in rebound else loop.before).append(like)
        if state.name in rebound:
            held = names.fresh_plain(f"{state.name.rpartition('.')[2]}_before")
            writer.arrays[held] = state.buffer
            after.append(f"{held}, {here} = {here}, {new[state.name]}")
            back.append(f"{here} = {held}")
        else:
            after.append(f"{here}, {new[state.name]} = {new[state.name]}, {here}")
            back.append(after[-1])
    arguments = ", ".join(
        new[text.removeprefix("new ")] if text.startswith("new ") else text for text in kernel.arguments
    )
    numbers = list(tiles.plan.numbers.values())
    results = names.fresh_plain("results")
    count = tiles.plan.steps_count * len(numbers)
    launch = (
        f"{results} = numbers_in_tiles({kernel.name}, {tiles.inner}, ({', '.join(kernel.cells)}), {count}, "
        f'"{numbers[0].dtype}", ({arguments}))'
    )
    every = [
        _number(writer, tiles, number, f"{results}[{place}::{len(numbers)}]" if len(numbers) > 1 else results)
        for place, number in enumerate(numbers)
    ]
    together = every[0] if len(every) == 1 else f"zip({', '.join(every)})"
    taken = f"{steps_ahead} = list({together})"
    return writer.renamed([*before, launch, *after, taken]), writer.renamed(back)


def _number(writer: "GpuWriter", tiles: TileWriter, number: Reduction, results: str) -> str:
    """What blocks have made of each step, put together."""
    kind = "sum" if number.kind in ("mean", "norm") else number.kind
    text = f"{results}.{kind}(axis=1).get()"
    if kind == "sum":
        writer.inexact()
    if number.kind == "mean":
        text += " / (" + " * ".join(f"({count})" for count in tiles.number_cells(number)) + ")"
    return f"{text} ** 0.5" if number.kind == "norm" else text
