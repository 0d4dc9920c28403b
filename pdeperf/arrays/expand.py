"""A region of NumPy statements written out as loops: the file as it would be if the user had done so."""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Buffer
from pdeperf.arrays.lift import Lifter
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Nested, Run
from pdeperf.arrays.sizes import Sizes, Unequal
from pdeperf.arrays.wrap import wrapped
from pdeperf.arrays.write import LateCheck, NotABox, Writer, bound_by_text
from pdeperf.kernel.aliases import sharing
from pdeperf.kernel.lowering import Problem
from pdeperf.kernel.observed import Observed
from pdeperf.kernel.vocabulary import qualified
from pdeperf.model import Measurement, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, after_imports, apply, indentation, lines_extent, owns_lines
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS, own_nodes, scope_of


@dataclass(frozen=True, slots=True)
class Expansion:
    """A project in which a region's array statements are loops.

    Attributes
    ----------
    project
        With the observed types moved to the new lines.
    where
        The region in it.
    counters
        Variables of the new loops.
    private
        Names that the rewrite has made.
    forgets
        Names that the region no longer binds because nothing reads them.
    apart
        Pairs of arrays that must not overlap, and that only a run can tell.
    """

    project: Project
    where: Span
    counters: frozenset[str]
    private: frozenset[str]
    forgets: tuple[str, ...]
    exact: bool
    apart: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]


def expansion(
    project: Project, module: Module, region: Sequence[ast.stmt], *, recompute: bool = True
) -> Expansion | list[Problem]:
    """Write a region's array statements as loops, or say why not.

    Parameters
    ----------
    region
        Consecutive statements of one block.
    recompute
        Compute cheap temporaries anew for each neighbour that reads them.
    """
    first = region[0]
    if not owns_lines(module, region):
        return [Problem(first.lineno, "the statement shares its line with other code")]
    scope = scope_of(module, _home(module, first))
    names = Names(project, module, scope, Observed(project), region)
    sizes = Sizes({})
    names.note_integers(sizes)
    lifter = Lifter(names, sizes)
    try:
        items = lifter.block(region)
        if not any(True for _ in _runs(items)):
            return lifter.problems or [Problem(first.lineno, "no array is computed here")]
        apart = _apart(module, names, items)
        library, needs_import = _numpy_name(module, names)
        writer = Writer(names, sizes, library, recompute=recompute)
        written = writer.region(items)
    except (Unliftable, Unequal, LateCheck, NotABox) as problem:
        return [*lifter.problems, Problem(first.lineno, str(problem))]
    indent = indentation(module, first)
    start, end = lines_extent(module, region)
    lines = written.lines
    if apart:
        original = module.text[start:end].splitlines()
        step = "    "
        condition = " or ".join(f"{library}.may_share_memory({a}, {b})" for a, b in apart)
        lines = [
            *wrapped(f"if {condition}:"),
            *(step + _moved(row, indent) if row.strip() else "" for row in original),
            "else:",
            *(step + row if row else "" for row in lines),
        ]
    rows = (part for row in lines for part in wrapped(row, 96 - len(indent)))
    text = "".join(f"{indent}{row}\n" if row else "\n" for row in rows)
    edits = [Edit(start, end, text)]
    if needs_import:
        at = after_imports(module)
        edits.append(Edit(at, at, "import numpy as np\n"))
    new, where = _expanded(project, module, region, edits, text, shifted=needs_import)
    made = [_as_seen(where, name, buffer) for name, buffer in written.arrays.items()]
    new = replace(new, observed=(*new.observed, *(row for rows in made for row in rows)))
    private = frozenset(written.arrays) - names.before
    forgets = tuple(_forgotten(module, names, items))
    exact, problems = written.exact, tuple(lifter.problems)
    return Expansion(new, where, written.counters, private, forgets, exact, apart, problems)


def _forgotten(module: Module, names: Names, items: Sequence[Item]) -> Iterator[str]:
    """Names whose arrays are no longer made, as a candidate's ``forgets`` has them."""
    runs = list(_runs(items))
    live = frozenset[str]().union(*(run.live for run in runs))
    home = "" if module.is_script else module.file.removesuffix(".py").replace("/", ".") + "."
    node = names.scope.node
    if not names.scope.is_module:
        outer, own = module.scope_name(node), getattr(node, "name", "<lambda>")
        home += (own if outer == "<module>" else f"{outer}.{own}") + "():"
    bound = frozenset[str]().union(*(writes(part) for part in names.region))
    for name in sorted({name for run in runs for name in run.names} & bound - live):
        yield home + name


def _as_seen(where: Span, name: str, buffer: Buffer) -> Iterator[Measurement]:
    """What the collector would have seen of an array that the rewrite makes."""
    facts = (("type", "numpy.ndarray"), ("dtype", buffer.dtype), ("ndim", float(len(buffer.shape))))
    for metric, value in facts:
        yield Measurement(where=where, subject=name, metric=metric, value=value, collector="arguments")


def _moved(row: str, indent: str) -> str:
    return row[len(indent) :] if row.startswith(indent) else row.lstrip()


def _expanded(
    project: Project,
    module: Module,
    region: Sequence[ast.stmt],
    edits: Sequence[Edit],
    text: str,
    *,
    shifted: bool,
) -> tuple[Project, Span]:
    """The project with the edits done, and where the region stands in it."""
    new = Module(module.file, apply(module.text, edits), is_script=module.is_script)
    first, last = region[0].lineno, region[-1].end_lineno or region[-1].lineno
    head = int(shifted)
    count = text.count("\n")
    delta = count - (last - first + 1) + head
    where = Span(file=module.file, first=first + head, last=first + head + count - 1)

    def line(number: int) -> int:
        if number < first:
            return number + head
        if number > last:
            return number + delta
        return where.first

    def moved(row: Measurement) -> Measurement:
        if row.where.file != module.file:
            return row
        span = row.where
        inside = first <= span.first and span.last <= last
        place = (
            where
            if inside
            else Span(file=span.file, first=line(span.first), last=max(line(span.first), line(span.last)))
        )
        if span.last >= first and span.last <= last and not inside:
            place = replace(place, last=where.last)
        return replace(row, where=place)

    modules = {file: (new if file == module.file else other) for file, other in project.modules.items()}
    observed = tuple(moved(row) for row in project.observed)
    return Project(modules, observed), where


def _runs(items: Sequence[Item]) -> Iterator[Run]:
    for item in items:
        if isinstance(item, Run):
            yield item
        elif isinstance(item, Nested):
            for block in item.blocks.values():
                yield from _runs(block)


def _home(module: Module, statement: ast.stmt) -> ast.AST:
    for above in module.ancestors(statement):
        if isinstance(above, (*FUNCTIONS, ast.Module)):
            return above
    return module.tree


def _apart(module: Module, names: Names, items: Sequence[Item]) -> tuple[tuple[str, str], ...]:
    """Pairs of arrays that must not overlap and are not known to be apart.

    Raises
    ------
    Unliftable
        If two arrays shared memory when the script ran.
    """
    written: set[str] = set()
    used: set[str] = set()
    for run in _runs(items):
        used |= {buffer.name for buffer in run.entry.values()}
        written |= {
            step.target.buffer.name
            for step in run.steps
            if hasattr(step, "target") and not step.target.buffer.is_temporary
        }
    pairs = {tuple(sorted((one, other))) for one in written for other in used if one != other}
    by_text = bound_by_text(items)
    overlapping = names.overlapping()
    for one, other in pairs:
        if (one, other) in overlapping or (other, one) in overlapping:
            raise Unliftable(f"`{one}` and `{other}` share memory")
    function = _as_function(names.scope.node, () if names.is_repeated else names.region)
    found = sharing(function, lambda node: qualified(node, module, names.scope), {})
    everywhere = sharing(
        _as_function(names.scope.node, ()), lambda node: qualified(node, module, names.scope), {}
    )
    result: set[tuple[str, str]] = set()
    for one, other in pairs:
        roots = {one.split(".")[0], other.split(".")[0]}
        if roots & by_text:
            if everywhere.apart(one, other) != ():
                raise Unliftable(f"`{one}` and `{other}` may be one array")
            continue
        if not roots <= names.before:
            continue  # the region itself makes one of them
        if not (one.isidentifier() and other.isidentifier()):
            result.add((one, other))
            continue
        entries = found.apart(one, other)
        if entries is None or entries:
            result.add((one, other))
    return tuple(sorted(result))


def _as_function(node: ast.AST, without: Sequence[ast.stmt]) -> ast.FunctionDef:
    """A scope's body as a function's, less some statements, for the analysis of aliases."""
    empty = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    arguments = node.args if isinstance(node, ast.FunctionDef) else empty
    body = _without(getattr(node, "body", []), {id(part) for part in without})
    return ast.FunctionDef(name="region", args=arguments, body=body, decorator_list=[], lineno=0)


def _without(block: list[ast.stmt], gone: set[int]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for part in block:
        if id(part) in gone:
            continue
        if isinstance(part, ast.If | ast.For | ast.While | ast.With):
            part = copy.copy(part)
            part.body = _without(part.body, gone)
            if not isinstance(part, ast.With):
                part.orelse = _without(part.orelse, gone)
        found.append(part)
    return found


def _numpy_name(module: Module, names: Names) -> tuple[str, bool]:
    """How the file calls NumPy, and whether that must be imported."""
    for node in own_nodes(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "numpy":
                    return alias.asname or "numpy", False
    if "np" in names.taken:
        raise Unliftable("the name np means something else here")
    return "np", True
