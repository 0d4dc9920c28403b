"""Runs as launches of kernels, for NumPy scripts moved to the GPU and for scripts that use CuPy."""

from collections.abc import Sequence
from dataclasses import replace

from pdeperf.arrays.ir import Buffer, Definition, Index, Read, Reduction, Version, reads
from pdeperf.arrays.loops.boxes import Box, is_box
from pdeperf.arrays.loops.run_writer import RunWriter
from pdeperf.arrays.loops.schedule import Nest, Recompute, Schedule
from pdeperf.arrays.loops.write import Writer
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.gpu.cuda import Kernel, KernelWriter
from pdeperf.gpu.cuda_expressions import letters

Lines = list[str]
_STEP = "    "


class KernelsWriter(Writer):
    """A writer whose runs become kernels."""

    in_order = False

    def __init__(self, names: Names, sizes: Sizes, library: str, *, recompute: Recompute) -> None:
        super().__init__(names, sizes, library, recompute=recompute)
        self._made: dict[str, Kernel] = {}

    @property
    def step_bytes(self) -> int:
        """What all kernels together read and write, each launched once."""
        return sum(made.moved_bytes for made in self._made.values())

    def kernel(self, made: Kernel, stem: str) -> Kernel:
        """Keep a kernel: the same once only."""
        body = made.source.replace(made.name, "", 1)
        if body not in self._made:
            name = f"__kernel_{len(self._made)}_{letters(stem)}__"
            self._made[body] = replace_name(made, name)
        return replace(self._made[body], cells=made.cells, arguments=made.arguments)

    def _by_lines(self, items: Sequence[Item]) -> tuple[Lines, int] | None:
        """Loops are not exchanged: threads need all cells at once."""
        return None

    def named(self, lines: Lines) -> tuple[Lines, dict[str, str]]:
        """Lines with good names for the kernels that they use, and these kernels' sources."""
        text = "\n".join(lines)
        kernels: dict[str, str] = {}
        for made in self._made.values():
            if made.name not in text:
                continue
            stem = made.name.strip("_").split("_", 2)[2]
            name = self._names.fresh_plain(stem)
            text = text.replace(made.name, name)
            kernels[name] = made.source.replace(made.name, name)
        return text.split("\n"), kernels


class KernelRun(RunWriter):
    """Writes one run as launches of kernels."""

    _writer: KernelsWriter

    def _nest(self, nest: Nest) -> Lines:
        first = nest.steps[0]
        if isinstance(first, Reduction) and first.kind == "number":
            return super()._nest(nest)
        if isinstance(first, Reduction):
            return self._number(nest, first)
        stem = letters(first.target.buffer.name)
        writer = KernelWriter(
            nest, self._schedule, self._sizes, self._slot, "__name__", edges=self._edges(nest)
        )
        made = self._writer.kernel(writer.kernel(), f"update_{stem}")
        return [_launch(made)]

    def _edges(self, nest: Nest) -> list[tuple[Version, Version]]:
        """What the kernel copies beside its box: nothing unless all boxes are one, in arrays of one size."""
        doubled = [
            step
            for step in nest.steps
            if isinstance(step, Definition) and step.target in self._schedule.doubled
        ]
        if not self._rotate or not doubled:
            return []
        steps = [step for step in nest.steps if isinstance(step, Definition)]
        first = steps[0]
        alike = all(
            step.index == first.index
            and len(step.target.buffer.shape) == len(first.target.buffer.shape)
            and all(
                self._sizes.equal(one, other)
                for one, other in zip(step.target.buffer.shape, first.target.buffer.shape, strict=True)
            )
            for step in steps
        )
        whole = all(
            self._sizes.equal(count, length)
            for count, length in zip(first.counts, first.target.buffer.shape, strict=False)
        )
        if not alike or whole or not is_box(first):
            return []
        return [(step.base, step.target) for step in doubled]

    def _outside(self, step: Definition, source: str, target: str, position: int) -> Lines:
        nest = self._schedule.nests[position]
        return [] if self._edges(nest) else super()._outside(step, source, target, position)

    def _number(self, nest: Nest, step: Reduction) -> Lines:
        """A number made of an array: a part from each block of threads, put together on the host."""
        writer = KernelWriter(nest, self._schedule, self._sizes, self._slot, "__name__")
        made = self._writer.kernel(writer.reduction(), f"{step.kind}_of_{_source_name(step)}")
        kind = "sum" if step.kind in ("mean", "norm") else step.kind
        text = f'over_cells({made.name}, "{step.dtype}", {_tuple(made.arguments)}).{kind}()'
        if step.kind == "mean":
            text += " / (" + " * ".join(f"({count})" for count in made.cells) + ")"
        if step.kind == "norm":
            text = f"{text} ** 0.5"
        if kind == "sum":
            self._writer.inexact()
        return [f"{step.name} = {text}"]

    def _copy(self, box: Box, source: str, target: str, step: Definition) -> Lines:
        counts, index = box
        if any(each.modulus is not None or each.step < 1 for each in index):
            return self._copied_cells(box, source, target, step)
        place = ", ".join(self._slice(each, counts) for each in index)
        return [f"{target}[{place}] = {source}[{place}]"]

    def _copied_cells(self, box: Box, source: str, target: str, step: Definition) -> Lines:
        """A kernel that copies cells one by one."""
        buffer, (counts, index) = step.target.buffer, box
        old = Version(Buffer(source, buffer.shape, buffer.dtype, is_temporary=True))
        new = Version(Buffer(target, buffer.shape, buffer.dtype, is_temporary=True), 1)
        nest = Nest([Definition(new, counts, index, Read(old, index), None, step.lines)])
        writer = KernelWriter(
            nest, Schedule([]), self._sizes, lambda version: version.buffer.name, "__name__"
        )
        made = self._writer.kernel(writer.kernel(), f"copy_{letters(buffer.name)}")
        return [_launch(made)]

    def _slice(self, index: Index, counts: tuple[Size, ...]) -> str:
        if index.axis is None:
            return str(self._sizes.plain(index.offset))
        count = counts[index.axis]
        low, high = self._sizes.plain(index.offset), self._sizes.plain(index.offset + count * index.step)
        if index.step > 1:
            high = self._sizes.plain(index.offset + (count - 1) * index.step + 1)
        return f"{low}:{high}" + (f":{index.step}" if index.step > 1 else "")

    def _lag(self, step: Definition, position: int) -> tuple[int, bool] | None:
        """A few rows do not do for new values: there is no order of rows."""
        return None

    def _stem(self, buffer: Buffer) -> str:
        return letters(buffer.name)

    def _copied(self, target: str, source: str, ndim: int) -> Lines:
        return [f"{target}[...] = {source}"]


def _launch(made: Kernel) -> str:
    return f"on_cells({made.name}, {_tuple(made.cells)}, {_tuple(made.arguments)})"


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _source_name(step: Reduction) -> str:
    """A name from the first array that a reduction reads."""
    return next((letters(each.version.buffer.name) for each in reads(step.expr)), "cells")


def replace_name(made: Kernel, name: str) -> Kernel:
    """A kernel by another name."""
    return replace(made, name=name, source=made.source.replace(made.name, name, 1))
