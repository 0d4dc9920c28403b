"""Nests as CUDA kernels: one thread a cell, one block's partial result for a reduction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Definition, Expr, Index, Op, Read, Reduction, Version, placed, walk
from pdeperf.arrays.loops.nest_axes import order_of, starts_of
from pdeperf.arrays.loops.real_inputs import Step, inputs, real_inputs
from pdeperf.arrays.loops.schedule import Nest, Schedule
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.gpu.cuda_arguments import Arguments
from pdeperf.gpu.cuda_expressions import C_TYPES, Cells, letters
from pdeperf.gpu.cuda_text import Parameters, broken, in_lines, item_bytes

Lines = list[str]
_STEP = "    "
BLOCK_THREADS = 256
_AXES = ("x", "y", "z")
FIRST = {"sum": "0.0", "max": "-INFINITY", "min": "INFINITY", "any": "false", "all": "true"}
"""What numbers made of cells begin with."""


@dataclass(slots=True)
class Kernel:
    """A kernel and how it is called.

    Attributes
    ----------
    source
        The CUDA function.
    cells
        Python texts of the numbers of cells, the outermost axis first.
    arguments
        Python texts, in order; arrays by the names of their slots.
    moved_bytes
        What it reads and writes at the sizes that were seen, each array once; 0 where these are unknown.
    """

    name: str
    source: str
    cells: tuple[str, ...]
    arguments: tuple[str, ...]
    moved_bytes: int = 0


class KernelWriter:
    """Writes one nest as a kernel.

    Parameters
    ----------
    nest, schedule, sizes
        What to write, and what is known about it.
    slot
        Name of the array that holds a version.
    name
        Of the kernel.
    edges
        Arrays that hold the cells outside the box, by the arrays that get them: copied along.
    """

    def __init__(
        self,
        nest: Nest,
        schedule: Schedule,
        sizes: Sizes,
        slot: Callable[[Version], str],
        name: str,
        *,
        edges: Sequence[tuple[Version, Version]] = (),
    ) -> None:
        self._nest, self._schedule, self._sizes, self._slot = nest, schedule, sizes, slot
        self._name, self._edges = name, edges
        self._order = order_of(nest)
        starts = starts_of(nest)
        counters = ("i", "j", "k", "l", "m", "n")
        names = {axis: counters[position] for position, axis in enumerate(self._order)}
        self._parameters = Parameters({*counters})
        self._given = Arguments(self._parameters, sizes, slot, [*self._versions()])
        self._written = {slot(step.target) for step in nest.steps if isinstance(step, Definition)}
        self._cells = Cells(
            names=names,
            starts=starts,
            sizes=sizes,
            size=self._given.size,
            array=self._array,
            scalar=self._given.number,
            element=self._element,
            fresh=self._parameters.fresh,
            counts=dict(enumerate(nest.counts)),
        )
        self._values: dict[tuple[Version, tuple[Index, ...]], str] = {}
        self._locals: dict[tuple[Version, object], str] = {}
        self._lines: Lines = []

    def _versions(self) -> Iterator[Version]:
        """Arrays that the kernel is given."""
        for step in self._nest.steps:
            for each in self._real(step):
                yield each.version
            if isinstance(step, Definition):
                yield step.target

    def kernel(self) -> Kernel:
        """The kernel of a nest of definitions."""
        body = self._cell()
        bounds = [self._bounds(axis) for axis in self._order]
        inside = [f"{low} <= {name} && {name} < {high}" for name, low, high, _ in bounds if low != "0"]
        inside += [f"{name} < {high}" for name, low, high, _ in bounds if low == "0"]
        lines: Lines = []
        if self._edges:
            shape = self._edges[0][0].buffer.shape
            counts = tuple(self._plain(size) for size in shape)
            lines += self._places(["0"] * len(counts))
            ends = " || ".join(
                f"{bound[0]} >= {self._cells.size_text(size)}"
                for bound, size in zip(bounds, counts, strict=True)
            )
            copies = [f"{self._at(new)} = {self._at(old)};" for old, new in self._edges]
            lines += [f"if ({ends}) return;", f"if (!({' && '.join(inside)})) {{"]
            lines += [*(_STEP + row for row in copies), _STEP + "return;", "}"]
        else:
            counts = tuple(self._plain(self._nest.counts[axis]) for axis in self._order)
            lines += self._places([low for _, low, _, _ in bounds])
            ends = " || ".join(f"{name} >= {high}" for name, _, high, _ in bounds)
            lines.append(f"if ({ends or 'blockIdx.x || threadIdx.x'}) return;")
        return self._made([*lines, *body], counts)

    def reduction(self) -> Kernel:
        """The kernel of a reduction: every block leaves one number."""
        step = self._nest.steps[0]
        assert isinstance(step, Reduction)
        bounds = [self._bounds(axis) for axis in self._order]
        value = self._text(step.expr)
        kind = "sum" if step.kind in ("mean", "norm") else step.kind
        dtype = C_TYPES[step.dtype]
        first = FIRST[kind]
        inner, *outer = reversed(bounds)
        body = [*self._lines, f"mine = {joined(kind, 'mine', value)};"]
        rows = [f"for (long long {inner[0]} = {_first(inner[1])}threadIdx.x; {inner[0]} < {inner[2]}; "
                f"{inner[0]} += blockDim.x) {{", *(_STEP + row for row in body), "}"]  # fmt: skip
        if outer:
            total = " * ".join(f"({count})" for *_, count in outer)
            places = ["long long rest = row;"]
            for name, low, _, count in outer[:-1]:
                places += [f"const long long {name} = {_first(low)}rest % ({count});", f"rest /= ({count});"]
            name, low, _, _ = outer[-1]
            places.append(f"const long long {name} = {_first(low)}rest;")
            rows = [
                f"for (long long row = blockIdx.x; row < {total}; row += gridDim.x) {{",
                *(_STEP + row for row in [*places, *rows]),
                "}",
            ]
        else:
            own = "(long long)blockIdx.x * blockDim.x + threadIdx.x"
            rows[0] = (
                f"for (long long {inner[0]} = {_first(inner[1])}{own}; "
                f"{inner[0]} < {inner[2]}; {inner[0]} += (long long)gridDim.x * blockDim.x) {{"
            )
        lines = [
            f"__shared__ {dtype} parts[{BLOCK_THREADS}];",
            f"{dtype} mine = {first};",
            *rows,
            "parts[threadIdx.x] = mine;",
            "__syncthreads();",
            "for (int half = blockDim.x / 2; half > 0; half /= 2) {",
            f"{_STEP}if (threadIdx.x < half)",
            f"{_STEP * 2}parts[threadIdx.x] = "
            f"{joined(kind, 'parts[threadIdx.x]', 'parts[threadIdx.x + half]')};",
            f"{_STEP}__syncthreads();",
            "}",
            "if (threadIdx.x == 0) results[blockIdx.x] = parts[0];",
        ]
        counts = tuple(self._plain(self._nest.counts[axis]) for axis in self._order)
        made = self._made(lines, counts)
        head, rest = made.source.split("(", 1)
        made.source = f"{head}({dtype} *results,{rest}"
        return made

    def _made(self, body: Lines, counts: tuple[Size, ...]) -> Kernel:
        declared = in_lines(self._parameters.declared)
        source = "\n".join(
            [
                f'extern "C" __global__ void {self._name}(',
                *(_STEP * 2 + row for row in declared),
                "{",
                *(part for row in body for part in broken(_STEP + row)),
                "}",
            ]
        )
        return Kernel(
            self._name,
            source,
            tuple(map(self._given.count, counts)) or ("1",),
            tuple(self._parameters.passed),
            self._moved_bytes(counts),
        )

    def _moved_bytes(self, counts: tuple[Size, ...]) -> int:
        cells = prod(max(self._sizes.value(count) or 0, 0) for count in counts)
        slots = {self._slot(version): version.buffer.dtype for version in self._versions()}
        twice = self._written & {
            self._slot(each.version) for step in self._nest.steps for each in self._real(step)
        }
        return cells * (sum(map(item_bytes, slots.values())) + sum(item_bytes(slots[slot]) for slot in twice))

    def _plain(self, size: Size) -> Size:
        return self._sizes.plain(size)

    def _bounds(self, axis: int) -> tuple[str, str, str, str]:
        """Counter, first place, place after the last, and number of cells."""
        start = self._cells.starts[axis]
        count = self._nest.counts[axis]
        texts = (self._cells.size_text(size) for size in (start, start + count, count))
        low, high, number = texts
        return self._cells.names[axis], low, high, number

    def _places(self, lows: Sequence[str]) -> Iterator[str]:
        """Which cell a thread has."""
        count = len(self._order)
        if count > 3:
            raise Unliftable("more than three axes on the GPU")
        for position, (axis, low) in enumerate(zip(self._order, lows, strict=True)):
            way = _AXES[count - 1 - position]
            place = f"(long long)blockIdx.{way} * blockDim.{way} + threadIdx.{way}"
            first = f"{low} + " if low != "0" else ""
            yield f"const long long {self._cells.names[axis]} = {first}{place};"

    def _at(self, version: Version) -> str:
        """The thread's own cell of an array as long as the grid."""
        name = self._array(version)
        place = ""
        for axis, size in zip(self._order, version.buffer.shape, strict=True):
            counter = self._cells.names[axis]
            row = place if place.isidentifier() else f"({place})"
            place = f"{row} * {self._cells.factor_text(size)} + {counter}" if place else counter
        return f"{name}[{place}]"

    def _cell(self) -> Lines:
        """What happens at one cell."""
        stores: Lines = []
        steps = self._nest.steps
        for position, step in enumerate(steps):
            assert isinstance(step, Definition)
            dtype = step.target.buffer.dtype
            if step.mask is not None and (len(steps) > 1 or step.target in self._schedule.doubled):
                before = Read(step.base, step.index)
                step = replace(step, expr=Op("where", (step.mask, step.expr, before), dtype), mask=None)
            value = self._text(step.expr, dtype)
            target = self._cells.place(self._array(step.target), step.target.buffer, step.index)
            if step.mask is not None:
                self._lines.append(f"if ({self._text(step.mask)}) {target} = {value};")
                continue
            later = steps[position + 1 :]
            replaced = any(
                isinstance(other, Definition) and other.target.buffer == step.target.buffer for other in later
            )
            reads_old = any(
                isinstance(earlier, Definition) and each.version == earlier.base
                for earlier in steps[:position]
                for each in self._real(step)
            )
            if replaced or self._is_read_later(step, later) or (stores and reads_old):
                own = self._parameters.fresh(f"{letters(step.target.buffer.name)}_here")
                self._lines.append(f"const {C_TYPES[dtype]} {own} = {value};")
                self._values[step.target, step.index] = own
                if not replaced:
                    stores.append(f"{target} = {own};")
            else:
                (stores if stores else self._lines).append(f"{target} = {value};")
        return self._lines + stores

    def _is_read_later(self, step: Definition, later: Sequence[Step]) -> bool:
        """Is this value, or the one that it takes the place of, read by a later step of the cell?"""
        for other in later:
            if any(each.version == step.target for each in (*inputs(other), *self._real(other))):
                return True
            if any(each.version == step.base for each in self._real(other)):
                return True
            if isinstance(other, Definition) and other.mask is not None and other.base == step.target:
                return True
        return False

    def _real(self, step: Step) -> Iterator[Read]:
        return real_inputs(step, self._schedule.virtual)

    def _text(self, expr: Expr, dtype: str = "") -> str:
        lines, text = self._cells.text(expr, dtype or expr.dtype)
        self._lines += lines
        return text

    def _element(self, each: Read) -> str | None:
        """A virtual temporary's value, or one that this cell has just computed."""
        if (each.version, each.index) in self._values:
            return self._values[each.version, each.index]
        definition = self._schedule.virtual.get(each.version)
        if definition is None:
            return None
        key = each.version, each.index
        if key not in self._locals:
            expr = placed(definition.expr, each.index)
            dtype = definition.target.buffer.dtype
            value = self._text(expr, dtype)
            if self._cells.is_lazy:
                return value
            if any(isinstance(part, Op) for part in walk(expr)):
                own = self._parameters.fresh(f"{letters(each.version.buffer.name)}_here")
                self._lines.append(f"const {C_TYPES[dtype]} {own} = {value};")
                value = own
            self._locals[key] = value
        return self._locals[key]

    def _array(self, version: Version) -> str:
        slot = self._slot(version)
        const = "" if slot in self._written else "const "
        dtype = C_TYPES[version.buffer.dtype]
        return self._parameters.named(
            f"array {slot}", slot, lambda name: f"{const}{dtype} *__restrict__ {name}", slot
        )


def _first(low: str) -> str:
    return "" if low == "0" else f"{low} + "


def joined(kind: str, one: str, other: str) -> str:
    """Two partial results as one; a number that is none spreads, as in NumPy."""
    return {
        "sum": f"{one} + {other}",
        "max": f"maximum({one}, {other})",
        "min": f"minimum({one}, {other})",
        "any": f"{one} || {other}",
        "all": f"{one} && {other}",
    }[kind]
