"""A region as Python text that works on the GPU: kernels for runs, copies where the rest looks at arrays."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pdeperf.arrays.cuda import Kernel, KernelWriter
from pdeperf.arrays.cuda_expressions import letters
from pdeperf.arrays.gpu_uses import Arrays, Use
from pdeperf.arrays.ir import Buffer, Definition, Index, Reduction, Version
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.arrays.schedule import Nest, Schedule, scheduled
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.write import Writer, _Loop, _RunWriter, step_is_doubled, view_names

Lines = list[str]
_STEP = "    "
LIBRARY = "cp"


@dataclass(frozen=True, slots=True)
class OnGpu:
    """The text of a region that works on the GPU.

    Attributes
    ----------
    kernels
        CUDA functions by their names.
    """

    lines: Lines
    kernels: dict[str, str]
    checks: tuple[str, ...]
    exact: bool
    arrays_count: int


class GpuWriter(Writer):
    """Writes one region for the GPU.

    Parameters
    ----------
    arrays
        Which arrays live there, and what the other statements do with them.
    """

    def __init__(self, names: Names, sizes: Sizes, arrays: Arrays, *, recompute: bool) -> None:
        super().__init__(names, sizes, LIBRARY, recompute=recompute)
        self.on_gpu = arrays
        self._made: dict[str, Kernel] = {}
        self._pattern = _pattern(arrays.device)
        self._fresh: set[str] = set()

    def whole(self, items: Sequence[Item]) -> OnGpu:
        """The region, from the first transfer to the last."""
        arrays = self.on_gpu
        lines: Lines = []
        for name in arrays.uploaded:
            lines.append(f"{arrays.device[name]} = {arrays.upload(name)}")
        lines += [f"{arrays.device[name]} = None" for name in arrays.late]
        lines += self._block(self.on_gpu.split(items))
        for name in arrays.returned:
            text = self._brought(name)
            if name in arrays.late:
                lines += [f"if {arrays.device[name]} is not None:", _STEP + text]
            else:
                lines.append(text)
        return self._named(lines)

    def kernel(self, made: Kernel, stem: str) -> Kernel:
        """Keep a kernel: the same once only."""
        body = made.source.replace(made.name, "", 1)
        if body not in self._made:
            name = f"__kernel_{len(self._made)}_{letters(stem)}__"
            self._made[body] = replace_name(made, name)
        return self._made[body]

    def _named(self, lines: Lines) -> OnGpu:
        """With good names for the kernels that are used."""
        text = "\n".join(lines)
        kernels: dict[str, str] = {}
        for made in self._made.values():
            if made.name not in text:
                continue
            stem = made.name.strip("_").split("_", 2)[2]
            name = self._names.fresh_plain(stem)
            text = text.replace(made.name, name)
            kernels[name] = made.source.replace(made.name, name)
        exact = self._exact and self.on_gpu.exact
        count = len(self.on_gpu.device) + len(self.arrays)
        return OnGpu(text.split("\n"), kernels, tuple(self._sizes.checks), exact, count)

    def renamed(self, lines: Lines) -> Lines:
        """With every array's name made that of its copy on the GPU."""
        if self._pattern is None:
            return lines
        return [self._pattern.sub(lambda found: self.on_gpu.device[found[0]], row) for row in lines]

    def _at(self, name: str) -> str:
        """What holds an array's values on the GPU at this point."""
        return self.renamed([self.current(name)])[0]

    def _brought(self, name: str) -> str:
        """A statement that brings an array's values to the host."""
        if name in self.on_gpu.kept:
            return f"{name}[...] = {self._at(name)}.get()"
        return f"{name} = {self._at(name)}.get()"

    def _block(self, items: Sequence[Item]) -> Lines:
        lines: Lines = []
        for item in items:
            if isinstance(item, Nested) and not isinstance(item.statement, ast.If):
                self._fresh.clear()
            lines += super()._block([item])
            if isinstance(item, Run | Nested):
                self._fresh.clear()
        return lines

    def _kept(self, item: Kept) -> Lines:
        use = self.on_gpu.use(item)
        if use.as_device is not None:
            self._fresh -= use.binds
            return use.as_device(self._at)
        lines: Lines = []
        for name in sorted(use.reads - self._fresh):
            lines.append(self._brought(name))
            self._fresh.add(name)
        lines += super()._kept(item)
        for name in sorted(use.writes | use.binds):
            if name in use.binds:
                lines.append(f"{self._at(name)} = {self.on_gpu.upload(name)}")
            else:
                lines.append(f"{self._at(name)}.set({self.on_gpu.host_copy(name)})")
            self._fresh.add(name)
        return lines

    def _nested(self, item: Nested) -> Lines:
        use = self.on_gpu.head(item.statement)
        before = [self._brought(name) for name in sorted(use.reads - self._fresh)]
        if isinstance(item.statement, ast.If):
            # What the head brought is still good inside.
            kept = set(self._fresh) | use.reads
            self._fresh = set(kept)
        return [*before, *super()._nested(item)]

    def _inside(self, statement: ast.stmt, items: list[Item]) -> tuple[_Loop, Lines]:
        loop, lines = super()._inside(statement, items)
        loop.before[:] = self.renamed(loop.before)
        loop.after[:] = self.renamed(loop.after)
        self._fresh.clear()
        return loop, lines

    def _run(self, run: Run) -> Lines:
        rotate = self._may_rotate(run)
        schedule = scheduled(run, self._sizes, recompute=self._recompute, rotate=rotate)
        if rotate and not all(_is_box(step) for step in run.steps if step_is_doubled(step, schedule)):
            rotate = False
            schedule = scheduled(run, self._sizes, recompute=self._recompute)
        lines = [*self._comments(run), *(row for kept in run.before for row in self._kept(kept))]
        writer = _GpuRun(self, run, schedule, rotate=rotate)
        lines += self.renamed(writer.lines())
        self._exact = self._exact and all(step.exact for step in run.steps if isinstance(step, Definition))
        return lines + self.on_gpu.permuted(run)

    def _may_rotate(self, run: Run) -> bool:
        """On the GPU nobody else knows which of two arrays holds a name's values."""
        return bool(self._loops) and not view_names(run)


class _GpuRun(_RunWriter):
    """Writes one run as launches of kernels."""

    _writer: GpuWriter

    def _nest(self, nest: Nest) -> Lines:
        first = nest.steps[0]
        if isinstance(first, Reduction):
            return self._reduced(nest, first)
        stem = letters(first.target.buffer.name)
        writer = KernelWriter(
            nest, self._schedule, self._sizes, self._slot, "__name__", edges=self._edges(nest)
        )
        made = self._writer.kernel(writer.kernel(), f"update_{stem}")
        cells = ", ".join(made.cells) + ("," if len(made.cells) == 1 else "")
        return [f"on_cells({made.name}, ({cells}), {', '.join(made.arguments)})"]

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
        if not alike or whole or not _is_box(first):
            return []
        return [(step.base, step.target) for step in doubled]

    def _outside(self, step: Definition, source: str, target: str) -> Lines:
        nest = next(nest for nest in self._schedule.nests if step in nest.steps)
        return [] if self._edges(nest) else super()._outside(step, source, target)

    def _reduced(self, nest: Nest, step: Reduction) -> Lines:
        """A number made of an array: a part from each block of threads, put together on the host."""
        writer = KernelWriter(nest, self._schedule, self._sizes, self._slot, "__name__")
        made = self._writer.kernel(writer.reduction(), f"{step.kind}_of_{_source_name(step)}")
        kind = "sum" if step.kind in ("mean", "norm") else step.kind
        text = f'over_cells({made.name}, "{step.dtype}", {", ".join(made.arguments)}).{kind}()'
        if step.kind == "mean":
            text += " / (" + " * ".join(f"({count})" for count in made.cells) + ")"
        if step.kind == "norm":
            text = f"{text} ** 0.5"
        if kind == "sum":
            self._writer.inexact()
        return [f"{step.name} = {text}"]

    def _copy(
        self,
        counts: tuple[Size, ...],
        index: tuple[Index, ...],
        source: str,
        target: str,
        buffer: Buffer,
        step: Definition,
    ) -> Lines:
        place = ", ".join(self._slice(each, counts) for each in index)
        return [f"{target}[{place}] = {source}[{place}]"]

    def _slice(self, index: Index, counts: tuple[Size, ...]) -> str:
        if index.axis is None:
            return str(self._sizes.plain(index.offset))
        if index.modulus is not None or index.step < 1:
            raise AssertionError("only boxes are copied")
        count = counts[index.axis]
        low, high = self._sizes.plain(index.offset), self._sizes.plain(index.offset + count * index.step)
        if index.step > 1:
            high = self._sizes.plain(index.offset + (count - 1) * index.step + 1)
        return f"{low}:{high}" + (f":{index.step}" if index.step > 1 else "")

    def _copy_whole(self, buffer: Buffer, source: str, home: str) -> Lines:
        return [f"{home}[...] = {source}"]


def _source_name(step: Reduction) -> str:
    """A name from the first array that a reduction reads."""
    from pdeperf.arrays.ir import reads

    return next((letters(each.version.buffer.name) for each in reads(step.expr)), "cells")


def _is_box(step: Definition | Reduction) -> bool:
    return (
        isinstance(step, Definition)
        and step.mask is None
        and all(index.axis == axis and index.step == 1 for axis, index in enumerate(step.index))
    )


def replace_name(made: Kernel, name: str) -> Kernel:
    """A kernel by another name."""
    return replace(made, name=name, source=made.source.replace(made.name, name, 1))


def _pattern(names: dict[str, str]) -> re.Pattern[str] | None:
    """Finds arrays' names in a line, the longest first."""
    if not names:
        return None
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, longest))})(?!\w)")


__all__ = ["GpuWriter", "OnGpu", "Use"]
