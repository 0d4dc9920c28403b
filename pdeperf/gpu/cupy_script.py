"""Array statements of a script that uses CuPy already, fused into kernels of its own."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Buffer, Definition
from pdeperf.arrays.left_out import forgotten
from pdeperf.arrays.lifting.late import bound_here
from pdeperf.arrays.lifting.lift import Lifter
from pdeperf.arrays.lifting.outliving import Outlived
from pdeperf.arrays.loops.boxes import NotABox
from pdeperf.arrays.loops.schedule import Recompute, scheduled
from pdeperf.arrays.loops.write import LateCheck, step_is_doubled
from pdeperf.arrays.names import Names
from pdeperf.arrays.overlap import pairs_apart
from pdeperf.arrays.program import Item, Run, runs_of
from pdeperf.arrays.sizes import Sizes, Unequal, roots
from pdeperf.gpu.conditions import as_seen, unlike_arrays
from pdeperf.gpu.offload import branches, cuda_code, is_fallback, unindented
from pdeperf.gpu.runs import KernelRun, KernelsWriter
from pdeperf.gpu.runtime import FITS_KERNELS, ON_CELLS
from pdeperf.gpu.selections import merged
from pdeperf.gpu.write import denied, names_in
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.lowering import Problem
from pdeperf.model import Measurement
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, after_imports, apply, indentation, lines_extent, owns_lines
from pdeperf.source.scopes import own_nodes

_REDUCED = frozenset("sum mean max min amax amin any all prod std var norm".split())
_PI = {"cupy.pi", "cupy.e", "cupy.inf", "cupy.nan"}


@dataclass(frozen=True, slots=True)
class Fused:
    """A file in which the array statements of a region are kernels."""

    text: str
    exact: bool
    forgets: tuple[str, ...]
    kernels_count: int


class CupyNames(Names):
    """Names of a region in which arrays are on the GPU: CuPy's functions mean what NumPy's mean."""

    exchanges_paths = True
    counts = False
    gathers = False

    def called(self, node: ast.expr) -> str:
        """As NumPy's function of that name, but for what gives a number: CuPy leaves that on the GPU."""
        name = super().called(node)
        last = name.rpartition(".")[2]
        if not name and isinstance(node, ast.Attribute) and node.attr in _REDUCED:
            return f"cupy.ndarray.{node.attr}"
        if not name.startswith("cupy.") or last in _REDUCED:
            return name
        return f"numpy.{name.removeprefix('cupy.')}"

    def typed(self, arrays: Sequence[Buffer]) -> Iterator[str]:
        """As asked before a region."""
        if arrays:
            yield fits_kernels(arrays)

    def _kind(self, node: ast.expr) -> Kind:
        if isinstance(node, ast.Attribute) and super().called(node) in _PI:
            return Kind("float")
        return super()._kind(node)


class CupyLifter(Lifter):
    """Lifts a region of a script that uses CuPy: functions are put in that have other statements in them."""

    def _scanned(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> list[ast.stmt] | None:
        """Sums along axes stay one call: loops over rows would launch a kernel for each."""
        return None

    def _spliced(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> list[Item] | None:
        found = super()._spliced(statement, carried)
        if found is not None or not isinstance(statement, ast.Expr):
            return found
        function = self.names.inlined(statement.value) if isinstance(statement.value, ast.Call) else None
        if function is None or not function.is_straight:
            return None
        body: list[ast.stmt] = [
            ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value)
            for name, value in function.bound
        ]
        body += function.body
        for part in body:
            ast.fix_missing_locations(ast.copy_location(part, statement))
        saved = self.sizes.saved()
        with self.names.inside(body, statement):
            items = self.block(body)
        if any(run.steps for run in runs_of(items)):
            return items
        self.sizes.restore(saved)
        return None


def fused(project: Project, module: Module, region: Sequence[ast.stmt]) -> Fused | list[Problem]:
    """Write a region's CuPy statements as kernels, or say why not."""
    first = region[0]
    if not owns_lines(module, region):
        return [Problem(first.lineno, "the statement shares its line with other code")]
    if is_fallback(module, first):
        return [Problem(first.lineno, "it is what runs where the kernels do not")]
    library = _cupy_name(module)
    if not library:
        return [Problem(first.lineno, "the script does not use CuPy")]
    seen = _as_numpy(project)
    late = frozenset[str]()
    while True:
        names = CupyNames(seen, module, region)
        names.library = library
        sizes = Sizes({})
        sizes.late = late
        names.note_integers(sizes)
        lifter = CupyLifter(names, sizes)
        bound = frozenset[str]()
        try:
            items = lifter.block(region)
            runs = list(runs_of(items))
            if not runs:
                return lifter.problems or [Problem(first.lineno, "no array is computed here")]
            bound = bound_here(items, names)
            entries = {name: buffer for run in runs for name, buffer in run.entry.items()}
            if any(roots(name) & bound - late for name in entries):
                raise LateCheck("arrays come about here")
            apart = pairs_apart(module, names, items, late=late)
            writer = _CupyWriter(names, sizes, library, recompute=Recompute.CHEAP)
            written = writer.region(items)
            lines, kernels = writer.named(written.lines)
            if any(names_in(check) & bound for check in sizes.checks):
                raise LateCheck("sizes come about here")
            needed = as_seen(names, items)
            apart_tests = [f"{library}.may_share_memory({one}, {other})" for one, other in apart]
            made = _Made(tuple(lines), kernels, tuple(sizes.checks), tuple(apart_tests), tuple(needed))
            known = [array for name, array in entries.items() if not roots(name) & late]
            text = _written(module, region, names, library, made, known)
        except LateCheck as problem:
            if (wider := late | bound | sizes.stale) == late:
                return [*lifter.problems, Problem(first.lineno, str(problem))]
            late = wider
            continue
        except (Unliftable, Unequal, NotABox) as problem:
            return [*lifter.problems, Problem(first.lineno, str(problem))]
        forgets = tuple(forgotten(module, names, items))
        return Fused(text, written.exact, forgets, len(kernels))


def fits_kernels(arrays: Sequence[Buffer]) -> str:
    """A condition that holds where arrays are what kernels are written for."""
    typed = ", ".join(f'({each.name}, "{each.dtype}", {len(each.shape)})' for each in arrays)
    return f"fits_kernels({typed})"


class _CupyWriter(KernelsWriter):
    """Writes runs as launches; names and arrays stay the user's."""

    def _run(self, run: Run) -> list[str]:
        run = merged(run, self._sizes)
        rotate = self._may_rotate(run)
        schedule = scheduled(run, self._sizes, recompute=self._recompute, rotate=rotate)
        doubled = [step for step in run.steps if step_is_doubled(step, schedule)]
        if rotate and not all(_is_box(step) and not self._is_rebound(step) for step in doubled):
            rotate = False
            schedule = scheduled(run, self._sizes, recompute=self._recompute)
        lines = [row for kept in run.before for row in self._kept(kept)]
        lines += KernelRun(self, run, schedule, rotate=rotate).lines()
        self._exact = self._exact and all(step.exact for step in run.steps if isinstance(step, Definition))
        return lines


def _is_box(step: object) -> bool:
    return (
        isinstance(step, Definition)
        and step.mask is None
        and not step.target.buffer.is_temporary
        and all(index.axis == axis and index.step == 1 for axis, index in enumerate(step.index))
    )


def _as_numpy(project: Project) -> Project:
    """The project as if its arrays on the GPU were NumPy's, and NumPy's were something else."""

    def changed(row: Measurement) -> Measurement:
        if row.metric != "type":
            return row
        if row.value == "cupy.ndarray":
            return replace(row, value="numpy.ndarray")
        return replace(row, value="object") if row.value == "numpy.ndarray" else row

    return Project(project.modules, tuple(map(changed, project.observed)))


def _cupy_name(module: Module) -> str:
    """How the file calls CuPy; empty if it does not import it whole."""
    for node in own_nodes(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "cupy":
                    return alias.asname or "cupy"
    return ""


@dataclass(frozen=True, slots=True)
class _Made:
    """What a region has become, and what it rests on."""

    lines: tuple[str, ...]
    kernels: dict[str, str]
    checks: tuple[str, ...]
    apart: tuple[str, ...]
    seen: tuple[str, ...]


def _written(
    module: Module,
    region: Sequence[ast.stmt],
    names: Names,
    library: str,
    made: _Made,
    entries: Sequence[Buffer],
) -> str:
    indent = indentation(module, region[0])
    start, end = lines_extent(module, region)
    original = [unindented(row, indent) for row in module.text[start:end].splitlines()]
    source, held = names.fresh_plain("CUDA"), names.fresh_plain("kernels")
    known = [each for each in entries if each.name.split(".")[0] in names.before]
    tests = [*map(denied, made.seen), *([f"not {fits_kernels(known)}"] if known else [])]
    tests += unlike_arrays(made.checks, [each.name for each in known])
    tests += [*map(denied, made.checks), *made.apart]
    getters = [f'{name} = {held}.get_function("{name}")' for name in made.kernels]
    modules = f'{held} = {library}.RawModule(code={source}, options=("--fmad=false",))'
    lines = [modules, *getters, *made.lines]
    text = branches(f"if {' or '.join(tests)}:" if tests else "", original, lines, indent)
    text = "".join(f"{indent}{name} = {entry}\n" for name, entry in names.aliases.items()) + text
    at = after_imports(module)
    defined = {node.name for node in module.tree.body if isinstance(node, ast.FunctionDef)}
    parts = [] if "fits_kernels" in defined else [FITS_KERNELS.replace("cp.", f"{library}.")]
    parts += [] if "on_cells" in defined else [ON_CELLS]
    parts.append(f'{source} = r"""\n{cuda_code(made.kernels)}\n"""\n')
    return apply(module.text, [Edit(start, end, text), Edit(at, at, "\n\n" + "\n\n".join(parts) + "\n\n")])
