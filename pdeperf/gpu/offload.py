"""A region moved to the GPU: the file as it would be if the user had written kernels and transfers."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.arrays.definitions import numpy_name
from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Definition, Reduction
from pdeperf.arrays.left_out import forgotten
from pdeperf.arrays.loops.boxes import NotABox
from pdeperf.arrays.loops.schedule import Recompute
from pdeperf.arrays.names import Names
from pdeperf.arrays.overlap import pairs_apart
from pdeperf.arrays.program import Item, Nested, Run, bound_by_text, runs_of
from pdeperf.arrays.sizes import Sizes, Unequal
from pdeperf.arrays.wrap import long_lines, wrapped
from pdeperf.gpu import single
from pdeperf.gpu.algebra import CUPYX_IMPORT
from pdeperf.gpu.conditions import conditions, unlike_arrays
from pdeperf.gpu.cuda_expressions import CONSTANTS, FUNCTIONS
from pdeperf.gpu.lift import GpuLifter
from pdeperf.gpu.names import GpuNames
from pdeperf.gpu.reach import root_of
from pdeperf.gpu.runtime import CUPY_IMPORT, FITS_GPU, IN_TILES, NUMBERS_IN_TILES, ON_CELLS, OVER_CELLS
from pdeperf.gpu.uses import Arrays
from pdeperf.gpu.write import GpuWriter, OnGpu, denied, names_in
from pdeperf.kernel.lowering import Problem
from pdeperf.model import Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, after_imports, apply, indentation, lines_extent, owns_lines
from pdeperf.source.flow import writes

LEAST_CELLS = 100_000
"""Smaller arrays are done sooner than their kernels are launched."""
_STEP = "    "


@dataclass(frozen=True, slots=True)
class Offload:
    """A file in which a region runs on the GPU.

    Attributes
    ----------
    text
        The whole file.
    cells
        Cells of the largest array, as seen.
    moved
        Arrays moved to the GPU before the region, and back after it.
    kernels_count, step_bytes
        Of one turn of the loop: launches, and what they read and write; 0 bytes where libraries do more.
    moved_bytes
        What goes to the GPU before the loop and comes back after it, together.
    line
        Of the loop.
    """

    text: str
    exact: bool
    forgets: tuple[str, ...]
    cells: int
    moved: tuple[int, int]
    kernels_count: int
    step_bytes: int
    moved_bytes: tuple[int, int]
    line: int
    problems: tuple[Problem, ...]


def offload(
    project: Project,
    module: Module,
    region: Sequence[ast.stmt],
    *,
    recompute: Recompute = Recompute.CHEAP,
    least_cells: int = LEAST_CELLS,
    is_single: bool = False,
) -> Offload | list[Problem]:
    """Move a region's array statements to the GPU, or say why not.

    Parameters
    ----------
    region
        Consecutive statements of one block.
    recompute
        Compute cheap temporaries anew for each neighbour that reads them.
    least_cells
        Refuse smaller arrays; the text has them done as they were.
    is_single
        Compute in single precision there.
    """
    first = region[0]
    if not owns_lines(module, region):
        return [Problem(first.lineno, "the statement shares its line with other code")]
    if is_fallback(module, first):
        return [Problem(first.lineno, "it is what runs where the GPU does not")]
    if uses_cupy(module):
        return [Problem(first.lineno, "the script uses CuPy itself")]
    names = GpuNames(project, module, region)
    sizes = Sizes({})
    sizes.made_late = names.is_made_here
    names.note_integers(sizes)
    lifter = GpuLifter(names, sizes)
    try:
        items = lifter.block(region)
        library, _ = numpy_name(module, names)
        arrays = Arrays.of(names, items)
        bound = bound_by_text(items)
        beside = frozenset(path for path in arrays.uploaded if root_of(path) not in bound)
        changed = arrays.changed_outside & beside
        alone = names.alone | arrays.alone(items)
        apart = pairs_apart(
            module,
            names,
            items,
            alone,
            changed=changed,
            beside=beside if changed else changed,
            passed=arrays.second_names,
        )
        if not arrays.uploaded and not arrays.matrices:
            return lifter.problems or [Problem(first.lineno, "no array is computed here")]
        cells = _cells(items, sizes)
        if arrays.is_heavy or not cells:
            cells = max(cells, arrays.most_cells())
        if line := _single_cells(items, sizes, least_cells / 100):
            return [Problem(line, "an inner loop sets a few cells at a time: too little for a kernel")]
        if cells < least_cells:
            return [
                Problem(
                    first.lineno, f"{cells} cells a step: below {least_cells} a kernel's launch takes longer"
                )
            ]
        if lost := sorted(names.carried & (names.live_after(region) | names.captured)):
            raise Unliftable(f"`{lost[0]}` becomes another name of an array")
        needed = conditions(names, items, arrays)
        made = GpuWriter(names, sizes, arrays, recompute=recompute, is_single=is_single).whole(items)
        mentioned = names_in("\n".join(made.lines))
        if stale := sorted(
            each for each in names.carried if {each, arrays.device.get(each, each)} & mentioned
        ):
            raise Unliftable(f"`{stale[0]}` becomes another name of an array")
        text = _written(module, region, names, arrays, made, needed, apart, library, least_cells)
    except (Unliftable, Unequal, NotABox) as problem:
        return [*lifter.problems, Problem(first.lineno, str(problem))]
    forgets = [*forgotten(module, names, items, _unbound(items))]
    names.dropped = set(arrays.dead)
    forgets += [name for name in forgotten(module, names, []) if name not in forgets]
    moved = len(arrays.uploaded), len(arrays.returned)
    return Offload(
        text=text,
        exact=made.exact,
        forgets=tuple(forgets),
        cells=cells,
        moved=moved,
        kernels_count=len(made.kernels),
        step_bytes=0 if arrays.is_heavy else made.step_bytes,
        moved_bytes=(arrays.seen_bytes(arrays.uploaded), arrays.seen_bytes(arrays.returned)),
        line=first.lineno,
        problems=tuple(lifter.problems),
    )


def _unbound(items: Sequence[Item]) -> frozenset[str]:
    """Names of what is no array by itself, the cells that a mask chooses: nothing is bound to them."""
    lifted, made = frozenset[str](), bound_by_text(items)
    for run in runs_of(items):
        lifted = lifted.union(*(writes(part) for part in run.statements))
        made |= run.names.keys() | {step.name for step in run.steps if isinstance(step, Reduction)}
        made |= {step.target.buffer.name for step in run.steps if isinstance(step, Definition)}
    return lifted - made


def _cells(items: Sequence[Item], sizes: Sizes) -> int:
    """Cells of the largest box that is computed, as seen when the script ran."""
    most = 0
    for run in runs_of(items):
        for step in run.steps:
            count = 1
            for size in step.counts:
                count *= max(sizes.value(size) or 0, 0)
            most = max(most, count)
    return most


def _single_cells(items: Sequence[Item], sizes: Sizes, least: float, depth: int = 0) -> int:
    """The line of a run of small boxes inside an inner loop; 0 if there is none."""
    for item in items:
        if isinstance(item, Nested):
            inner = depth + isinstance(item.statement, ast.For | ast.While)
            for block in item.blocks.values():
                if line := _single_cells(block, sizes, least, inner):
                    return line
        elif isinstance(item, Run) and depth > 1 and item.steps and _cells([item], sizes) < least:
            return item.steps[0].lines[0]
    return 0


def _written(
    module: Module,
    region: Sequence[ast.stmt],
    names: Names,
    arrays: Arrays,
    made: OnGpu,
    needed: Sequence[str],
    apart: Sequence[tuple[str, str]],
    library: str,
    least_cells: int,
) -> str:
    """The file's text."""
    indent = indentation(module, region[0])
    start, end = lines_extent(module, region)
    original = [unindented(row, indent) for row in module.text[start:end].splitlines()]
    source, held = names.fresh_plain("CUDA"), names.fresh_plain("kernels")
    tests = list(map(denied, needed))
    tests += [
        part
        for name in arrays.matrices
        for part in (f'not hasattr({name}, "tocsr")', f'{name}.dtype != "float64"')
    ]
    seen = [(name, *arrays.types[name]) for name in arrays.uploaded]
    seen = seen or [(f"{name}.data", "float64", 1) for name in arrays.matrices]
    typed = ", ".join(f'({name}, "{dtype}", {ndim})' for name, dtype, ndim in seen)
    tests.append(f"not fits_gpu({least_cells}, {made.arrays_count}, {typed})")
    tests += unlike_arrays(made.checks, arrays.uploaded)
    tests += map(denied, made.checks)
    tests += [f"{library}.may_share_memory({one}, {other})" for one, other in apart]
    modules = f'cp.RawModule(code={source}, options=("--fmad=false",))'
    getters = [f'{name} = {held}.get_function("{name}")' for name in made.kernels]
    kernels = [f"{held} = {modules}", *getters] if made.kernels else []
    text = branches(f"if {' or '.join(tests)}:", original, [*kernels, *made.lines], indent)
    heads = (f"{indent}{name} = {entry}\n" for name, entry in names.aliases.items())
    text = "".join(heads) + text
    edits = [Edit(start, end, text), _definitions(module, source, made)]
    return apply(module.text, edits)


def branches(head: str, original: Sequence[str], new: Sequence[str], indent: str) -> str:
    """The user's own lines under a condition, and the new ones where it does not hold, or there is none."""
    width = 100 - len(indent)
    rows = wrapped(head, width) if head else []
    rows += [_STEP + row if row.strip() else "" for row in original] if head else []
    rows += ["else:"] if head else []
    step = _STEP if head else ""
    rows += [part for row in new for part in (long_lines(step + row, width) if row else [""])]
    return "".join(f"{indent}{row}\n" if row else "\n" for row in rows)


def _definitions(module: Module, source: str, made: OnGpu) -> Edit:
    """CuPy's import, what launches kernels, and the kernels: after the imports."""
    at = after_imports(module)
    defined = {node.name for node in module.tree.body if isinstance(node, ast.FunctionDef)}
    lines = "\n".join(made.lines)
    parts = [CUPY_IMPORT] if "fits_gpu" not in defined else []
    if "cupyx." in lines and CUPYX_IMPORT not in module.text:
        parts.append(CUPYX_IMPORT)
    for name, text in (
        ("fits_gpu", FITS_GPU),
        ("on_cells", ON_CELLS),
        ("over_cells", OVER_CELLS),
        ("in_tiles", IN_TILES),
        ("numbers_in_tiles", NUMBERS_IN_TILES),
    ):
        is_used = f"{name}(" in lines or (name == "in_tiles" and "numbers_in_tiles(" in lines)
        if name not in defined and (name == "fits_gpu" or is_used):
            parts.append(text)
    if made.kernels:
        code = cuda_code(made.kernels)
        code = single.kernel(code) if made.is_single else code
        parts.append(f'{source} = r"""\n{code}\n"""\n')
    return Edit(at, at, "\n\n".join(parts) + "\n\n")


def cuda_code(kernels: dict[str, str]) -> str:
    """The source of some kernels, with what they need."""
    code = "\n\n".join(kernels.values())
    heads = ["#include <cupy/complex.cuh>"] if "complex<" in code else []
    heads += [text for name, text in CONSTANTS.items() if name in code]
    heads += [text for name, text in FUNCTIONS.items() if f"{name}(" in code]
    return "\n".join(heads) + ("\n\n" if heads else "") + code


def unindented(row: str, indent: str) -> str:
    """A line without its first indentation."""
    return row[len(indent) :] if row.startswith(indent) else row.lstrip()


def _imported(module: Module) -> frozenset[str]:
    return frozenset(
        part
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        for part in (alias.asname or "", alias.name.split(".")[0])
    )


def uses_cupy(module: Module) -> bool:
    """Does a script use CuPy itself?"""
    return "cupy" in _imported(module) and "def fits_gpu(" not in module.text


def is_fallback(module: Module, statement: ast.stmt) -> bool:
    """Is it the version that runs where kernels do not?"""
    return any(
        isinstance(above, ast.If)
        and any(
            isinstance(node, ast.Name) and node.id in ("fits_gpu", "fits_kernels")
            for node in ast.walk(above.test)
        )
        for above in module.ancestors(statement)
    )


def regions(module: Module, where: Span) -> Iterator[Sequence[ast.stmt]]:
    """Loops that could run on the GPU, the widest first: those that call the hot function, then its own."""
    inside = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.stmt) and where.first <= node.lineno <= where.last
    ]
    if not inside:
        return
    first = min(inside, key=lambda node: (node.lineno, node.col_offset))
    function = next((above for above in module.ancestors(first) if isinstance(above, ast.FunctionDef)), None)
    if function is not None:
        callers = [
            node
            for node in ast.walk(module.tree)
            if isinstance(node, ast.For | ast.While) and _calls(node, function.name)
        ]
        for loop in callers:
            if not any(loop is not other and loop in ast.walk(other) for other in callers):
                yield [loop]
    around = [first, *module.ancestors(first)]
    own = around[: around.index(function)] if function is not None else around
    for node in reversed(own):
        if isinstance(node, ast.For | ast.While):
            yield [node]


def _calls(loop: ast.stmt, name: str) -> bool:
    return any(
        isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == name)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == name)
        )
        for node in ast.walk(loop)
    )
