"""Several steps of a time loop in one kernel: a block of threads takes a tile and steps it in fast memory.

Around the cells that a block stores it takes as many as the steps reach; what is wrong at the tile's rim
comes nearer by one step's reach each step, and stays outside of what is stored.
"""

from collections.abc import Callable, Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Buffer, Definition, Expr, Index, Op, Read, Reduction, Version, placed, walk
from pdeperf.arrays.loops.real_inputs import real_inputs
from pdeperf.arrays.loops.schedule import is_new
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.gpu.cuda import Kernel
from pdeperf.gpu.cuda_arguments import Arguments, held_as, passed
from pdeperf.gpu.cuda_expressions import C_TYPES, Cells, converted, letters
from pdeperf.gpu.cuda_text import Parameters, broken, in_lines, item_bytes, pointer
from pdeperf.gpu.tile_numbers import MadeNumbers
from pdeperf.gpu.tile_plan import Part, TilePlan, waits_before
from pdeperf.gpu.tile_registers import handed_on, registers

Lines = list[str]
_STEP = "    "
THREADS = 256
_SHARED_BYTES = 48 * 1024
_SIDE = 32


class TileWriter:
    """Writes several steps of a run as one kernel.

    Parameters
    ----------
    plan
        What the steps are.
    slot
        Name of the array that holds a version when the step begins.
    changes
        Is a number another one in each step?
    """

    def __init__(
        self,
        plan: TilePlan,
        sizes: Sizes,
        slot: Callable[[Version], str],
        changes: Callable[[str], bool],
    ) -> None:
        self.plan = plan
        self._sizes, self._slot, self._changes = sizes, slot, changes
        self._parameters = Parameters(set("i j at x y top left cell step parts half results".split()))
        self._storage = registers(plan, self._parameters.fresh)
        bytes_count = sum(item_bytes(each.buffer.dtype) for each in plan.tiled)
        if _SIDE * _SIDE * bytes_count + (8 * THREADS if plan.numbers else 0) > _SHARED_BYTES:
            raise Unliftable("too many arrays for a tile")
        self._numbers: dict[tuple[str, str], str] = {}
        self._given = Arguments(self._parameters, sizes, slot, [*self._versions()])
        self._tiles = {
            each: self._parameters.fresh(f"{letters(each.buffer.name)}_tile") for each in self.plan.tiled
        }
        self._made = MadeNumbers(plan, self._parameters.fresh)
        self._lines: Lines = []
        self._locals: dict[object, str] = {}
        self._here: Definition | None = None

    def _versions(self) -> Iterator[Version]:
        """Arrays that the kernel is given."""
        yield from (Version(state.buffer) for state in self.plan.states)
        for part in self.plan.parts:
            for each in real_inputs(part.step, self.plan.virtual):
                if each.version.buffer not in self.plan.own:
                    yield each.version

    def kernel(self) -> Kernel:
        """The kernel."""
        body = self._loaded()
        body += [f"for (int step = 0; step < {self.plan.steps_count}; step++) {{"]
        body += [_STEP + row for row in (*self._made.begun(), *self._stepped(), *self._made.kept())]
        body += ["}", *self._stored(), *self._made.joined()]
        declared = [
            f"__shared__ {C_TYPES[each.buffer.dtype]} {name}[{_SIDE * _SIDE}];"
            for each, name in self._tiles.items()
        ]
        kinds = {self._storage[each]: each.buffer.dtype for each in self._storage}
        declared += [f"{C_TYPES[dtype]} {name}[CELLS] = {{}};" for name, dtype in kinds.items()]
        declared += self._made.declared()
        declared += [
            f"const long long {name} = (long long)blockIdx.{way} * {size} - {down};"
            for name, way, size, (down, _) in zip(("top", "left"), "yx", self.inner, self._rim, strict=True)
        ]
        declared += self._step_numbers()
        if self.plan.numbers:
            self._parameters.declared.insert(0, f"{self._made.dtype} *results")
        parameters = in_lines(self._parameters.declared)
        source = "\n".join(
            [
                "#undef CELLS",
                f"#define CELLS ({_SIDE * _SIDE} / THREADS)",
                'extern "C" __global__ void __name__(',
                *(_STEP * 2 + row for row in parameters),
                "{",
                *(part for row in [*declared, *body] for part in broken(_STEP + row)),
                "}",
            ]
        )
        counts = tuple(self._hull(axis) for axis in (0, 1))
        return Kernel("__name__", source, counts, tuple(self._parameters.passed))

    def number_cells(self, number: Reduction) -> list[str]:
        """Python texts of the numbers of cells that a number is made of."""
        return [self._given.count(self._sizes.plain(size)) for size in number.counts]

    @property
    def inner(self) -> tuple[int, int]:
        """Rows and columns of a tile that are stored."""
        (above, below), (before, after) = self._rim
        return _SIDE - above - below, _SIDE - before - after

    @property
    def _rim(self) -> list[tuple[int, int]]:
        """Cells around those that are stored, per dimension."""
        count = self.plan.steps_count
        return [(count * down, count * up) for down, up in self.plan.reach]

    @property
    def size_names(self) -> Sequence[str]:
        """The texts of the sizes that the kernel knows."""
        return [key.removeprefix("size ") for key in self._parameters.names if key.startswith("size ")]

    def _hull(self, axis: int) -> str:
        """Python text of the most cells that an array has along an axis."""
        most: dict[tuple[tuple[str, int], ...], int] = {}
        for state in self.plan.states:
            size = self._sizes.plain(state.buffer.shape[axis])
            most[size.terms] = max(size.const, most.get(size.terms, size.const))
        texts = [self._given.count(Size(const, terms)) for terms, const in most.items()]
        return f"max({', '.join(texts)})" if len(texts) > 1 else texts[0]

    def _step_numbers(self) -> Lines:
        """Numbers that are others in each step: one parameter for each, after all that stay the same."""
        lines: Lines = []
        for (text, dtype), name in self._numbers.items():
            held = C_TYPES[held_as(dtype)]
            own = [self._parameters.fresh(f"{name}_{count}") for count in range(1, self.plan.steps_count + 1)]
            self._parameters.declared += [f"const {held} {each}" for each in own]
            self._parameters.passed += [f"*{passed(text, dtype)}"]
            lines.append(f"const {held} {name}[] = {{{', '.join(own)}}};")
        return lines

    def _each_cell(self, body: Lines, *, wrapped: bool = True) -> Lines:
        """A loop over the cells that a thread has of the tile."""
        head = [f"const int at = cell * THREADS + threadIdx.x, y = at / {_SIDE}, x = at % {_SIDE};"]
        for axis, (name, text) in enumerate((("i", "top + y"), ("j", "left + x"))):
            if wrapped and axis in self.plan.modulus:
                text = f"around({text}, {self._size(self.plan.modulus[axis])})"
            head.append(f"const long long {name} = {text};")
        return [
            "#pragma unroll",
            "for (int cell = 0; cell < CELLS; cell++) {",
            *(_STEP + row for row in [*head, *body]),
            "}",
        ]

    def _size(self, size: Size) -> str:
        return self._cells({}, {}).size_text(size)

    def _cells(self, names: dict[int, str], starts: dict[int, Size]) -> Cells:
        return Cells(
            names=names,
            starts=starts,
            sizes=self._sizes,
            size=self._given.size,
            array=self._array,
            scalar=self._number,
            element=self._element,
            fresh=self._parameters.fresh,
        )

    def _place(self, name: str, buffer: Buffer) -> str:
        """The thread's cell of an array in memory."""
        return self._cells({0: "i", 1: "j"}, {0: Size(), 1: Size()}).place(name, buffer, (Index(0), Index(1)))

    def _inside(self, buffer: Buffer, *, low: bool) -> str:
        """Is the cell one of the array's?"""
        tests = []
        for axis, name in enumerate("ij"):
            if low and axis in self.plan.modulus:
                continue
            tests += [f"0 <= {name}"] if low else []
            tests += [f"{name} < {self._size(buffer.shape[axis])}"]
        return " && ".join(tests)

    def _loaded(self) -> Lines:
        """Every thread takes its cells of the arrays."""
        body: Lines = []
        for state in self.plan.states:
            source = self._parameters.named(
                f"array {self._slot(Version(state.buffer))}",
                state.name,
                pointer(f"const {C_TYPES[state.buffer.dtype]}"),
                self._slot(Version(state.buffer)),
            )
            test = self._inside(state.buffer, low=True)
            load = f"{self._storage[Version(state.buffer)]}[cell] = {self._place(source, state.buffer)};"
            body += [f"if ({test})", _STEP + load] if test else [load]
        return self._each_cell(body)

    def _stored(self) -> Lines:
        """What is right after all steps goes to the new arrays."""
        body: Lines = []
        for state in self.plan.states:
            target = self._parameters.named(
                f"new {state.name}",
                f"{letters(state.name)}_next",
                pointer(C_TYPES[state.buffer.dtype]),
                f"new {state.name}",
            )
            first = self._storage[Version(state.buffer)]
            body += [
                f"if ({self._inside(state.buffer, low=False)})",
                f"{_STEP}{self._place(target, state.buffer)} = {first}[cell];",
            ]
        return self._each_cell(
            [f"if ({self._within(self._rim)}) {{", *(_STEP + row for row in body), "}"], wrapped=False
        )

    def _within(self, rim: Sequence[tuple[int, int]]) -> str:
        """Is a cell so far inside the tile?"""
        tests = []
        for name, (down, up) in zip("yx", rim, strict=True):
            tests += [f"{name} >= {down}"] if down else []
            tests += [f"{name} < {_SIDE - up}"] if up else []
        return " && ".join(tests)

    def _stepped(self) -> Lines:
        """One step: phases, and waits where one needs another thread's cells."""
        entering = [
            each for each in self.plan.tiled if each in {Version(state.buffer) for state in self.plan.states}
        ]
        fill = [f"{self._tiles[each]}[at] = {self._storage[each]}[cell];" for each in entering]
        phases: list[tuple[set[Version], set[Version], Lines]] = []
        if fill:
            phases.append((set(), set(entering), fill))
        for phase in self.plan.phases:
            body = [row for part in phase.parts for row in self._defined(part)]
            phases.append((phase.reads, set(phase.fills), body))
        waits = waits_before([(reads, fills) for reads, fills, _ in phases])
        lines: Lines = []
        together: Lines = []
        for must, (_, _, body) in zip(waits, phases, strict=True):
            if must:
                lines += [*(self._each_cell(together) if together else []), "__syncthreads();"]
                together = []
            together += body
        return [*lines, *self._each_cell([*together, *handed_on(self.plan, self._storage)])]

    def _defined(self, part: Part) -> Lines:
        """A definition at the thread's cell."""
        step = part.step
        names: dict[int, str] = {}
        starts: dict[int, Size] = {}
        tests: Lines = []
        for axis, (name, index) in enumerate(zip("ij", step.index, strict=True)):
            low = self._sizes.plain(index.offset)
            if index.axis is None:
                tests.append(f"{name} == {self._size(low)}")
                continue
            names[index.axis], starts[index.axis] = name, low
            count = step.counts[index.axis]
            if (
                axis in self.plan.modulus
                and low == Size()
                and self._sizes.equal(count, self.plan.modulus[axis])
            ):
                continue
            tests += [f"{self._size(low)} <= {name}", f"{name} < {self._size(low + count)}"]
        if step.target in self.plan.numbers:
            tests += self._own_cell(step)
        self._here = step
        self._locals.clear()
        cells = self._cells(names, starts)
        self._now = cells
        is_number = step.target in self.plan.numbers
        target = "" if is_number else f"{self._storage[step.target]}[cell]"
        inner: Lines = []
        mask = ""
        if step.mask is not None:
            inner, mask = self._text(step.mask, "bool")
        lines, value = self._text(step.expr, step.target.buffer.dtype)
        inner += lines
        if is_number:
            return self._made.with_cell(step.target, tests, inner, value)
        inner.append(f"if ({mask}) {target} = {value};" if mask else f"{target} = {value};")
        found: Lines = []
        own = self._storage[step.target]
        if not is_new(step) and self._storage.get(step.base, own) != own:
            found.append(f"{own}[cell] = {self._storage[step.base]}[cell];")
        near = self._within(part.near)
        test = " && ".join(filter(None, [near, *tests]))
        if not test:
            found += ["{", *(_STEP + row for row in inner), "}"] if len(inner) > 1 else inner
        elif len(inner) == 1 and not mask:
            found += [f"if ({test})", _STEP + inner[0]]
        else:
            found += [f"if ({test}) {{", *(_STEP + row for row in inner), "}"]
        if step.target in self._tiles:
            found.append(f"{self._tiles[step.target]}[at] = {own}[cell];")
        return found

    def _own_cell(self, step: Definition) -> Lines:
        """Is the cell one that this block stores, and no other?"""
        tests = [self._within(self._rim)]
        for axis, text in enumerate(("top + y", "left + x")):
            if axis in self.plan.modulus:
                tests.append(f"{text} < {self._size(step.target.buffer.shape[axis])}")
        return tests

    def _text(self, expr: Expr, dtype: str) -> tuple[Lines, str]:
        """An expression, and what must stand before it."""
        kept, self._lines = self._lines, []
        before, text = self._now.text(expr, dtype)
        found = [*self._lines, *before]
        self._lines = kept
        return found, text

    def _element(self, each: Read) -> str | None:
        """A cell of the tile, or what is computed where it is read."""
        definition = self.plan.virtual.get(each.version)
        if definition is not None:
            return self._computed(each, definition)
        if each.version.buffer not in self.plan.own:
            return None
        assert self._here is not None
        down, right = self.plan.delta(self._here, each)
        if not (down or right):
            return f"{self._storage[each.version]}[cell]"
        far = down * _SIDE + right
        return f"{self._tiles[each.version]}[at {'-' if far < 0 else '+'} {abs(far)}]"

    def _computed(self, each: Read, definition: Definition) -> str:
        key = each.version, each.index
        if key in self._locals:
            return self._locals[key]
        expr = placed(definition.expr, each.index)
        dtype = definition.target.buffer.dtype
        lines, value = self._text(expr, dtype)
        self._lines += lines
        if self._now.is_lazy:
            return value
        if any(isinstance(part, Op) for part in walk(expr)):
            own = self._parameters.fresh(f"{letters(each.version.buffer.name)}_at")
            self._lines.append(f"const {C_TYPES[dtype]} {own} = {value};")
            value = own
        self._locals[key] = value
        return value

    def _array(self, version: Version) -> str:
        """An array that no step changes."""
        slot = self._slot(version)
        return self._parameters.named(
            f"array {slot}",
            letters(slot),
            pointer(f"const {C_TYPES[version.buffer.dtype]}"),
            slot,
        )

    def _number(self, text: str, dtype: str) -> str:
        if not self._changes(text):
            return self._given.number(text, dtype)
        if (text, dtype) not in self._numbers:
            stem = letters(text)[:24] if text.isidentifier() else "factor"
            self._numbers[text, dtype] = self._parameters.fresh(stem)
        return converted(f"{self._numbers[text, dtype]}[step]", held_as(dtype), dtype)
