"""A region as Python text that works on the GPU: kernels for runs, copies where the rest looks at arrays."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Definition, Reduction
from pdeperf.arrays.loops.boxes import is_box
from pdeperf.arrays.loops.schedule import Recompute, scheduled
from pdeperf.arrays.loops.slots import Loop
from pdeperf.arrays.loops.unseen import view_names
from pdeperf.arrays.loops.write import step_is_doubled
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run, bound_by_text, runs_of
from pdeperf.arrays.sizes import Sizes
from pdeperf.gpu import single
from pdeperf.gpu.first import kept_statements
from pdeperf.gpu.passed_on import permuted
from pdeperf.gpu.runs import KernelRun, KernelsWriter
from pdeperf.gpu.selections import merged
from pdeperf.gpu.turns import in_turns
from pdeperf.gpu.uses import Arrays

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
        self._bound_so_far: set[str] = set()

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
        inner = self._block(self.on_gpu.split(items))
        lines += [f"{arrays.device[name]} = {self._first(name, inner)}" for name in arrays.late]
        lines += inner
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
            single.checked(dtypes, is_lifted=not self.on_gpu.has_calls)
            lines = single.lines(lines, [name for name, dtype in types.items() if dtype == "float64"])
        lines, kernels = self.named(lines)
        checks = tuple(check for check in self._sizes.checks if not names_in(check) & self._bound)
        exact = self._exact and self.on_gpu.exact and not self._is_single
        count = len(self.on_gpu.device) + len(self.arrays) + 8 * len(self.on_gpu.matrices)
        return OnGpu(lines, kernels, checks, exact, count, self.step_bytes, self._is_single)

    def _first(self, name: str, lines: Lines) -> str:
        """What stands for an array before the region has made it: nothing, if no size is asked of it."""
        is_asked = any(f"{self.on_gpu.device[name]}.shape[" in row for row in lines)
        return self.on_gpu.upload(name) if is_asked and self.on_gpu.is_known_before(name) else "None"

    def is_there(self, name: str) -> bool:
        """Arrays that the region makes first are not on the GPU before it."""
        return name not in self.on_gpu.late

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

    def _looked_at(self, names: frozenset[str]) -> Lines:
        """Brings what the host has not got yet."""
        return [self._brought(name) for name in sorted(names & self.on_gpu.changed)]

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
            self._check_made(use.needs)
            self._fresh -= self.on_gpu.one_array(use.binds | use.writes)
            self._bound_so_far |= use.binds
            return [*use.as_device(self._at), *self.on_gpu.turned_there(item)]
        if (found := self.on_gpu.with_numbers(item, self._at, self._fresh)) is not None:
            item = found
            use = self.on_gpu.use(item)
        lines: Lines = []
        self._check_made(use.reads)
        self._bound_so_far |= use.binds
        lines += self._looked_at(use.reads - self._fresh)
        self._fresh |= use.reads
        lines += super()._kept(item)
        self._fresh -= self.on_gpu.one_array(use.writes | use.binds)
        for name in sorted(use.writes | use.binds):
            if name in use.binds:
                lines.append(f"{self._at(name)} = {self.on_gpu.upload(name)}")
            else:
                lines.append(f"{self._at(name)}.set({self.on_gpu.host_copy(name)})")
            self._fresh.add(name)
        return lines

    def _check_made(self, names: frozenset[str]) -> None:
        """Refuse to look at arrays that are not there yet, or never are by themselves."""
        if early := sorted(names - self._bound_so_far - {*self.on_gpu.uploaded}):
            raise Unliftable(f"`{early[0]}` is looked at before it is made")

    def _nested(self, item: Nested) -> Lines:
        if (together := in_turns(self, item)) is not None:
            return together
        use = self.on_gpu.head(item.statement)
        self._check_made(use.reads)
        before = self._looked_at(use.reads - self._fresh)
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
        self._bound_so_far |= {name for name, view in run.names.items() if name in run.live and view.is_whole}
        return lines + permuted(self.on_gpu, run)

    def _is_held(self, step: Definition | Reduction) -> bool:
        """Does the array's name stand for it from turn to turn of the loop?"""
        assert isinstance(step, Definition)
        buffer = step.target.buffer
        items = self._loops[-1].items
        bound = {name for run in runs_of(items) for name in run.names}
        bound = bound.union(*(self.on_gpu.use(each).binds for each in kept_statements(items)))
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
        items = self._loops[-1].items
        elsewhere = set(self.on_gpu.aliased(items))
        for other in runs_of(items):
            if other is not run and other.statements != run.statements:
                elsewhere |= _passed_on(other)
        return not touched & elsewhere


def _passed_on(run: Run) -> set[str]:
    """Names whose arrays a run gives to other names, and these."""
    found: set[str] = set()
    for name, view in run.names.items():
        sources = {each for each, buffer in run.entry.items() if buffer == view.buffer and each != name}
        found |= sources and {name, *sources}
    return found


def denied(text: str) -> str:
    """The opposite of a comparison."""
    if text.startswith("not ") and " and " not in text and " or " not in text:
        return text.removeprefix("not ")
    for sign, opposite in ((" == ", " != "), (" >= ", " < "), (" is not ", " is "), (" is ", " is not ")):
        if text.count(sign) == 1 and " and " not in text:
            return text.replace(sign, opposite)
    return f"not ({text})"


def names_in(text: str) -> frozenset[str]:
    """Names in an expression's text."""
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def _pattern(names: dict[str, str]) -> re.Pattern[str] | None:
    """Finds arrays' names in a line, the longest first."""
    if not names:
        return None
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, longest))})(?!\w)")
