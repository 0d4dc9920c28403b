"""A region as Python text that works on the GPU: kernels for runs, copies where the rest looks at arrays."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pdeperf.arrays import gpu_single
from pdeperf.arrays.cuda import Kernel, KernelWriter
from pdeperf.arrays.cuda_expressions import letters
from pdeperf.arrays.gpu_turns import in_turns
from pdeperf.arrays.gpu_uses import Arrays
from pdeperf.arrays.ir import Buffer, Definition, Index, Read, Reduction, Version
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run, bound_by_text, runs_of
from pdeperf.arrays.run_writer import Loop, RunWriter, is_box
from pdeperf.arrays.schedule import Nest, Recompute, Schedule, scheduled
from pdeperf.arrays.selections import merged
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.write import Writer, step_is_doubled, view_names

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
    step_bytes
        What all kernels together read and write, each launched once.
    """

    lines: Lines
    kernels: dict[str, str]
    checks: tuple[str, ...]
    exact: bool
    arrays_count: int
    step_bytes: int
    is_single: bool = False


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


class GpuWriter(KernelsWriter):
    """Writes one region for the GPU.

    Parameters
    ----------
    arrays
        Which arrays live there, and what the other statements do with them.
    is_single
        Compute in single precision what is double precision on the host.
    """

    def __init__(
        self, names: Names, sizes: Sizes, arrays: Arrays, *, recompute: Recompute, is_single: bool = False
    ) -> None:
        self._is_single = is_single
        super().__init__(names, sizes, LIBRARY, recompute=recompute)
        self.on_gpu = arrays
        self._there = {**arrays.matrices, **arrays.device}
        self._pattern = _pattern(self._there)
        self._fresh: set[str] = set()
        self._bound: frozenset[str] = frozenset()
        self.items: Sequence[Item] = ()

    def whole(self, items: Sequence[Item]) -> OnGpu:
        """The region, from the first transfer to the last."""
        arrays = self.on_gpu
        self._bound = bound_by_text(items)
        self.items = items
        lines: Lines = []
        for name in arrays.uploaded:
            lines.append(f"{arrays.device[name]} = {arrays.upload(name)}")
        for name, there in arrays.matrices.items():
            lines.append(f"{there} = cupyx.scipy.sparse.csr_matrix({name}.tocsr())")
        lines += [f"{arrays.device[name]} = None" for name in arrays.late]
        lines += self._block(self.on_gpu.split(items))
        for name in arrays.returned:
            text = self._brought(name)
            if name in arrays.late:
                lines += [f"if {arrays.device[name]} is not None:", _STEP + text]
            else:
                lines.append(text)
        return self._finished(lines)

    def _finished(self, lines: Lines) -> OnGpu:
        if self._is_single:
            types = {name: dtype for name, (dtype, _) in self.on_gpu.types.items()}
            dtypes = [*types.values(), *(buffer.dtype for buffer in self.arrays.values())]
            gpu_single.checked(dtypes, is_lifted=not self.on_gpu.has_calls)
            lines = gpu_single.lines(lines, [name for name, dtype in types.items() if dtype == "float64"])
        lines, kernels = self.named(lines)
        checks = tuple(check for check in self._sizes.checks if not names_in(check) & self._bound)
        exact = self._exact and self.on_gpu.exact and not self._is_single
        count = len(self.on_gpu.device) + len(self.arrays) + 8 * len(self.on_gpu.matrices)
        return OnGpu(lines, kernels, checks, exact, count, self.step_bytes, self._is_single)

    def renamed(self, lines: Lines) -> Lines:
        """With every array's name made that of its copy on the GPU."""
        if self._pattern is None:
            return lines
        return [self._pattern.sub(lambda found: self._there[found[0]], row) for row in lines]

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
        if (found := self.on_gpu.with_numbers(item, self._at, self._fresh)) is not None:
            item = found
            use = self.on_gpu.use(item)
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
        if (together := in_turns(self, item)) is not None:
            return together
        use = self.on_gpu.head(item.statement)
        before = [self._brought(name) for name in sorted(use.reads - self._fresh)]
        if isinstance(item.statement, ast.If):
            # What the head brought is still good inside.
            kept = set(self._fresh) | use.reads
            self._fresh = set(kept)
        return [*before, *super()._nested(item)]

    def _inside(self, statement: ast.stmt, items: list[Item]) -> tuple[Loop, Lines]:
        loop, lines = super()._inside(statement, items)
        loop.before[:] = self.renamed(loop.before)
        loop.after[:] = self.renamed(loop.after)
        self._fresh.clear()
        return loop, lines

    def _run(self, run: Run) -> Lines:
        run = merged(run, self._sizes)
        rotate = self._may_rotate(run)
        schedule = scheduled(run, self._sizes, recompute=self._recompute, rotate=rotate)
        doubled = [step for step in run.steps if step_is_doubled(step, schedule)]
        if rotate and not all(is_box(step) and self._is_held(step) for step in doubled):
            rotate = False
            schedule = scheduled(run, self._sizes, recompute=self._recompute)
        late = self._late_checks(run)
        lines = [*late, *(row for kept in run.before for row in self._kept(kept))]
        writer = KernelRun(self, run, schedule, rotate=rotate)
        lines += self.renamed(writer.lines())
        self._exact = self._exact and all(step.exact for step in run.steps if isinstance(step, Definition))
        return lines + self.on_gpu.permuted(run)

    def _is_held(self, step: Definition | Reduction) -> bool:
        """Does the array's name stand for it from turn to turn of the loop?"""
        assert isinstance(step, Definition)
        buffer = step.target.buffer
        bound = {name for run in runs_of(self._loops[-1].items) for name in run.names}
        return not buffer.is_temporary and buffer.name not in bound

    def _late_checks(self, run: Run) -> Lines:
        """What a run relies on about arrays that the region itself makes."""
        early = self._names.before - self._bound
        tests = []
        for text in self._sizes.checks:
            names = names_in(text)
            if names & self._bound and names <= early | {each.split(".")[0] for each in run.entry}:
                tests.append(denied(text))
        if not tests:
            return []
        failure = f'{_STEP}raise ValueError("the arrays\' sizes do not fit together")'
        return [*self.renamed([f"if {' or '.join(tests)}:"]), failure]

    def _may_rotate(self, run: Run) -> bool:
        """On the GPU nobody else knows which of two arrays holds a name's values."""
        if not self._loops or view_names(run):
            return False
        touched = set(run.names) | {
            step.target.buffer.name for step in run.steps if isinstance(step, Definition)
        }
        return not touched & self.on_gpu.aliased(self._loops[-1].items)


class KernelRun(RunWriter):
    """Writes one run as launches of kernels."""

    _writer: KernelsWriter

    def _nest(self, nest: Nest) -> Lines:
        first = nest.steps[0]
        if isinstance(first, Reduction) and first.kind == "number":
            return super()._nest(nest)
        if isinstance(first, Reduction):
            return self._reduced(nest, first)
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

    def _outside(self, step: Definition, source: str, target: str) -> Lines:
        nest = next(nest for nest in self._schedule.nests if step in nest.steps)
        return [] if self._edges(nest) else super()._outside(step, source, target)

    def _reduced(self, nest: Nest, step: Reduction) -> Lines:
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

    def _copy(
        self,
        counts: tuple[Size, ...],
        index: tuple[Index, ...],
        source: str,
        target: str,
        buffer: Buffer,
        step: Definition,
    ) -> Lines:
        if any(each.modulus is not None or each.step < 1 for each in index):
            return self._copied(counts, index, source, target, buffer, step)
        place = ", ".join(self._slice(each, counts) for each in index)
        return [f"{target}[{place}] = {source}[{place}]"]

    def _copied(
        self,
        counts: tuple[Size, ...],
        index: tuple[Index, ...],
        source: str,
        target: str,
        buffer: Buffer,
        step: Definition,
    ) -> Lines:
        """A kernel that copies cells one by one."""
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

    def _pair(self, buffer: Buffer) -> tuple[str, str]:
        """The two arrays that hold a buffer's values in turn."""
        loop = self._writer.loop
        assert loop is not None
        if buffer.name not in loop.working:
            stem = letters(buffer.name)
            loop.working[buffer.name] = (
                self._names.fresh_plain(f"{stem}_old"),
                self._names.fresh_plain(f"{stem}_new"),
            )
        if buffer not in self._pairs:
            old, new = self._pairs[buffer] = loop.working[buffer.name]
            home = self._writer.current(buffer.name, outside=True)
            self._writer.arrays.update({old: buffer, new: buffer})
            if f"{old} = {home}" not in loop.before:
                loop.before += [f"{old} = {home}", f"{new} = {self._library}.empty_like({home})"]
                loop.after += [f"if {old} is not {home}:", f"{_STEP}{home}[...] = {old}"]
        return self._pairs[buffer]


def _launch(made: Kernel) -> str:
    return f"on_cells({made.name}, {_tuple(made.cells)}, {_tuple(made.arguments)})"


def denied(text: str) -> str:
    """The opposite of a comparison."""
    for sign, opposite in ((" == ", " != "), (" >= ", " < ")):
        if text.count(sign) == 1 and " and " not in text:
            return text.replace(sign, opposite)
    return f"not ({text})"


def names_in(text: str) -> frozenset[str]:
    """Names in an expression's text."""
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _source_name(step: Reduction) -> str:
    """A name from the first array that a reduction reads."""
    from pdeperf.arrays.ir import reads

    return next((letters(each.version.buffer.name) for each in reads(step.expr)), "cells")


def replace_name(made: Kernel, name: str) -> Kernel:
    """A kernel by another name."""
    return replace(made, name=name, source=made.source.replace(made.name, name, 1))


def _pattern(names: dict[str, str]) -> re.Pattern[str] | None:
    """Finds arrays' names in a line, the longest first."""
    if not names:
        return None
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, longest))})(?!\w)")
