"""Kernels as readable Python: what an expert would have written, with the user's names and comments."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pdeperf.kernel import tables
from pdeperf.kernel.array_stores import STORES, called_in, edits_in_place, stored_by_loops
from pdeperf.kernel.body_texts import in_single_precision, shifted, text_of_body
from pdeperf.kernel.callees import Callee, Callees
from pdeperf.kernel.callsite import call_site, conditions, needs_numpy, wrapped
from pdeperf.kernel.check_edits import domain_edits, index_edits, update_edits, zero_edits
from pdeperf.kernel.columns import columns_of
from pdeperf.kernel.definitions import body_of, written
from pdeperf.kernel.detours import called_by, stands_alone, without_detours
from pdeperf.kernel.error_models import add_models
from pdeperf.kernel.extremes import TEXTS as EXTREMES
from pdeperf.kernel.few_things import with_copies
from pdeperf.kernel.given_back import last_return, return_edits
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.looked_up import ENDS
from pdeperf.kernel.outer_names import declarations
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.placement import (
    alias_edit,
    definitions,
    in_order,
    library_imports,
    numpy_name_in,
    without_repetitions,
)
from pdeperf.kernel.type_guards import HELPERS
from pdeperf.kernel.vector_kernels import in_components
from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.wraparound import without_wraparound
from pdeperf.source import Module, Project
from pdeperf.source.edits import (
    Edit,
    add_import,
    apply,
    extent,
    indentation,
    lines_extent,
    offset,
    owns_lines,
)
from pdeperf.source.edits import replace as replaced
from pdeperf.source.scopes import scope_of


@dataclass(frozen=True, slots=True)
class Emitted:
    """The edits of one candidate, by file, and what to tell about them."""

    edits: dict[str, tuple[Edit, ...]]
    names: tuple[str, ...]


def _decorator(python_division: bool, *, is_called: bool = True) -> str:
    # Python's numbers raise on division by zero, NumPy's do not; what is called does as its caller if untold.
    if python_division and not is_called:
        return "@njit(cache=True)"
    return f'@njit(cache=True, error_model="{"python" if python_division else "numpy"}")'


def _is_first_value(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)


def kernel_name(kernel: Kernel, used: frozenset[str]) -> str:
    """A name that says what the kernel does: ``update_u``, ``march_u`` for a time loop."""
    arrays = [name for name in kernel.arguments if name in kernel.stored] or list(kernel.results)
    owners = {
        name: objects for objects, names in columns_of(kernel.lowering).items() for name in names.values()
    }
    told = dict.fromkeys(re.findall(r"\w+", owners.get(name, name))[-1].strip("_") for name in arrays)
    subject = "_".join([*told][:2]) or "loop"
    loops = [part for part in kernel.statements if not _is_first_value(part)] or kernel.statements
    first, whole = loops[0], len(loops) == 1
    verb = "iterate" if whole and isinstance(first, ast.While) else "update"
    if (
        whole
        and isinstance(first, ast.For)
        and any(isinstance(part, ast.For | ast.While) for part in first.body)
    ):
        inner = [name.id for name in ast.walk(first.target) if isinstance(name, ast.Name)]
        indexed = any(
            isinstance(node, ast.Subscript)
            and any(isinstance(n, ast.Name) and n.id in inner for n in ast.walk(node.slice))
            for node in ast.walk(first)
        )
        verb = "update" if indexed else "march"
    if not arrays:
        verb = "compute"
    name = stem = f"{verb}_{subject}"
    count = 2
    while name in used:
        name, count = f"{stem}_{count}", count + 1
    return name


def _docstring(kernel: Kernel) -> str:
    updated = [
        name
        for name in kernel.arguments
        if name in kernel.stored and kernel.kinds.get(name, Kind("")).base in ("array", "list")
    ]
    parts = []
    if updated:
        parts.append(f"Updates {', '.join(updated)} in place")
    if kernel.results:
        parts.append(f"{'returns' if parts else 'Returns'} {', '.join(kernel.results)}")
    return f'    """{"; ".join(parts) or "Compiled loop"}."""\n'


def _guarded(kernel: Kernel) -> list[Edit]:
    """Where a result is bound by a loop: Python leaves it unbound when the loop does not run."""
    result: list[Edit] = []
    for loop in kernel.must_run:
        original = next(part for part in kernel.statements if part.lineno == loop.lineno)
        start = lines_extent(kernel.module, [original])[0]
        assert isinstance(original, ast.For) and isinstance(original.iter, ast.Call)
        begin, end = extent(kernel.module, original.iter)
        source = apply(
            kernel.module.text[begin:end],
            [
                Edit(e.start - begin, e.end - begin, e.text)
                for e in kernel.lowering.edits
                if begin <= e.start and e.end <= end
            ],
        )
        if isinstance(original.iter.args[-1], ast.Constant) and len(original.iter.args) == 1:
            continue
        indent = indentation(kernel.module, original)
        bound = ast.unparse(original.target)
        text = f"{indent}if len({source}) == 0:\n"
        text += f'{indent}    raise NameError("the loop over {bound} does not run")\n'
        result.append(Edit(start, start, text))
    return result


def _edits_of(made: Kernel | Callee, *, short: bool) -> list[Edit]:
    """Edits of its text; ``p += q`` stays as it is where arrays of a few numbers may become numbers."""
    edits = [*made.lowering.edits, *update_edits(made, short=short)]
    return in_single_precision(made.module, made.casts, edits)


def _kernel_text(kernel: Kernel, name: str, *, short: bool = False) -> str:
    module = kernel.module
    start, end = lines_extent(module, kernel.statements)
    edits = _edits_of(kernel, short=short)
    domain = [*domain_edits(kernel)]
    edits += [*_guarded(kernel), *index_edits(kernel), *zero_edits(kernel), *domain]
    edits = with_copies(edits, kernel.lowering)
    results = ", ".join(kernel.results)
    for code, node in enumerate(kernel.lowering.exits, 1):
        edits.append(replaced(module, node, f"return {code}, {results}" if results else f"return {code}"))
    indent = indentation(module, kernel.statements[0])
    body = text_of_body(module, start, end, edits, indent)
    body += "".join(shifted(edit.text, indent) for edit in domain if edit.start == end)
    head = wrapped(f"def {name}", kernel.arguments, ":", "")
    back = f"    return {results}\n" if results else ""
    if kernel.lowering.exits:
        back = f"    return 0, {results}\n" if results else "    return 0\n"
    body = "".join(f"    {name} = {value}\n" for name, value in kernel.initial) + body
    return f"{_decorator(kernel.python_division, is_called=False)}\n{head}{_docstring(kernel)}{body}{back}"


def _copy_text(callee: Callee, project: Project, *, short: bool = False) -> str:
    """A function with what it read from outside as leading parameters."""
    module, node = callee.module, callee.node
    names = [name for name, _ in callee.extras]
    own = (
        part
        for part in written(module, node, project).split(", ")
        if part.split("=")[0] not in callee.dropped
    )
    head = wrapped(f"def {callee.name}", [*names, *(part for part in own if part)], ":", "")
    edits = [*_edits_of(callee, short=short), *index_edits(callee)]
    statements, back = body_of(node), [name for name, _ in callee.changes]
    if isinstance(node, ast.FunctionDef) and back:
        edits += return_edits(module, node, back)
    edits = with_copies(edits, callee.lowering)
    if isinstance(node, ast.Lambda):
        start, end = extent(module, node.body)
        value = apply(module.text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in edits])
        body = f"    return {_on_lines_of_its_own(value)}"
        return f"{_decorator(callee.python_division)}\n{head}{body}\n"
    if not owns_lines(module, statements):  # def f(x): return x
        start, end = extent(module, statements[0])[0], extent(module, statements[-1])[1]
        return f"{_decorator(callee.python_division)}\n{head}{text_of_body(module, start, end, edits, '')}"
    start, end = lines_extent(module, statements)
    body = text_of_body(module, start, end, edits, indentation(module, statements[0])) + last_return(
        node, back
    )
    return f"{_decorator(callee.python_division)}\n{head}{body}"


def _on_lines_of_its_own(value: str) -> str:
    """An expression in parentheses if it runs over several lines."""
    return f"({value})" if "\n" in value or "\r" in value else value


def _hoisted_text(callee: Callee, project: Project) -> str:
    """A lambda as a function with a name."""
    module, node = callee.module, callee.node
    assert isinstance(node, ast.Lambda)
    start, end = extent(module, node.body)
    value = _on_lines_of_its_own(module.text[start:end])
    text = f"def {callee.hoist}({written(module, node, project)}):\n    return {value}\n"
    return f"{_shared(callee.python_division)}\n{text}" if callee.decorate else text


def emit(
    kernels: Sequence[Kernel],
    callees: Callees,
    variants: Sequence[Kernel] = (),
    elsewhere: Sequence[Edit] = (),
    conditions_elsewhere: str = "",
    within: Sequence[Edit] = (),
) -> Emitted:
    """Edits that put kernels where the regions stood.

    ``variants`` are further kernels for the same regions under other guards, ``elsewhere`` edits of
    the same file outside them, ``conditions_elsewhere`` text in which conditions stand already, ``within``
    edits of the regions' text where the original code still runs.
    """
    home, numpy_name = callees.home, numpy_name_in(callees.home)
    made = [replace(edit, text=edit.text.replace("np.", f"{numpy_name}.")) for edit in elsewhere]
    edits: dict[str, list[Edit]] = {home.file: made}
    used = callees.taken
    names: list[str] = []
    texts: list[str] = []
    imports: dict[tuple[str, str], set[str]] = {(home.file, "numba"): {"njit"}}
    numpy_needed, sites = bool(elsewhere), conditions_elsewhere
    regions: list[list[str]] = []
    named: dict[str, Kernel] = {}
    for region in kernels:
        regions.append([])
        for kernel in (region, *(variant for variant in variants if variant.statements == region.statements)):
            name = kernel_name(kernel, used)
            used |= {name}
            regions[-1].append(name)
            named[name] = kernel
    own = [callee for callee in callees.built.values() if not callee.ready]
    whole = {
        callee.name: _copy_text(callee, callees.project)
        for callee in own
        if not (callee.hoist and callee.decorate)
    }
    whole |= {name: _kernel_text(kernel, name) for name, kernel in named.items()}
    touched = _touched(own, elsewhere)
    numbers = whole | {name: _kernel_text(kernel, name, short=True) for name, kernel in named.items()}
    numbers |= {one.name: _copy_text(one, callees.project, short=True) for one in own if one.name in whole}
    spread = in_components(named, numbers, callees, numpy_name, touched)
    is_checked = any(one.index_checks for one in named.values()) or any(one.index_checks for one in own)
    if spread is None and is_checked:
        plain = {name: replace(kernel, index_checks=()) for name, kernel in named.items()}
        bare = whole | {name: _kernel_text(kernel, name, short=True) for name, kernel in plain.items()}
        bare |= {
            one.name: _copy_text(replace(one, index_checks=()), callees.project, short=True)
            for one in own
            if one.name in whole
        }
        # Numbers in place of short arrays gain more than checks of the long ones' sizes, which hinder them.
        spread = in_components(plain, bare, callees, numpy_name, touched)
    copied = spread.copied if spread else frozenset()
    if spread:
        whole, named = dict(spread.texts), dict(spread.kernels)
        numpy_needed = numpy_needed or spread.uses_numpy
    copies = [one.name for one in own if one.name in whole and not (one.hoist or one.decorate)]
    direct = without_detours(whole, list(named), copies)
    short = {name: other for name, (other, _) in direct.items()}
    whole |= dict(direct.values())
    top = scope_of(home, home.tree)
    if not (spread and spread.uses_numpy):  # short arrays have not become tuples
        made_from = {one.name: one.lowering for one in own}
        made_from |= {name: kernel.lowering for name, kernel in named.items()}
        whole = stored_by_loops(whole, made_from, top)
    named = {short.get(name, name): kernel for name, kernel in named.items()}
    regions = [[short.get(name, name) for name in names_of] for names_of in regions]
    numpy_needed = numpy_needed or any(one.casts or one.lowering.updates for one in own)
    own = [callee for callee in own if callee.name not in short.values()]
    with_python = _shared_with_python([named[names_of[0]] for names_of in regions], callees)
    for callee in own:
        if callee.hoist:
            edits[home.file].append(Edit(*extent(home, callee.node), callee.hoist))
            texts.append(_hoisted_text(callee, callees.project))
            if callee.decorate:
                imports.setdefault((home.file, "numba.extending"), set()).add("register_jitable")
            else:
                texts.append(whole[callee.name])
        elif callee.decorate and callee.name not in copied:
            shared = callee.name in with_python
            edits.setdefault(callee.module.file, []).append(_decoration(callee, shared=shared))
            if not shared:  # Python may give it lists
                stores = edits_in_place(callee, home, top, update_edits(callee))
                edits[callee.module.file].extend((*index_edits(callee), *stores))
            home_of = "numba.extending" if shared else "numba"
            imports.setdefault((callee.module.file, home_of), set()).add(
                "register_jitable" if shared else "njit"
            )
        else:
            texts.append(whole[callee.name])
    in_place = {one.name for one in own if one.decorate and one.name not in {*copied, *with_python}}
    for region, names_of in zip(kernels, regions, strict=True):
        start, end = lines_extent(home, region.statements)
        site = call_site([(named[name], name) for name in names_of], numpy_name, within)
        if len(names_of) == 1 and stands_alone(whole[names_of[0]], region.statements, site, in_place):
            names += called_by(whole[names_of[0]])
            continue
        texts += [whole[name] for name in names_of]
        names += names_of
        sites += site
        edits[home.file].append(Edit(start, end, site))
        results = (one for one in region.results if region.lowering.sources.get(one, one) == one)
        edits[home.file].extend(declarations(region.scope, results, home))
        numpy_needed = numpy_needed or bool(region.casts or region.lowering.updates) or needs_numpy(region)
    add_models(edits, callees)
    for name, alias in callees.aliases.items():
        edits[home.file].append(alias_edit(home, name, alias))
    roots = frozenset[str]().union(*(kernel.lowering.imports for kernel in kernels))
    edits[home.file].extend(library_imports(home, roots, numpy_name if numpy_needed else ""))
    for (file, package), wanted_of in imports.items():
        edits.setdefault(file, []).extend(add_import(callees.project[file], package, wanted_of))
    if _means_pythons_max(home):
        texts = [without_wraparound(text) for text in texts]
    texts = without_repetitions(texts, callees)
    defined = {getattr(node, "name", "") for node in home.tree.body}
    made_of = [kernel.lowering for kernel in (*kernels, *variants)]
    made_of += [callee.lowering for callee in callees.built.values()]
    wanted = frozenset[str]().union(*(lowering.extremes for lowering in made_of))
    made_once = (table for lowering in made_of for table in lowering.tables.values())
    lines = list(tables.edits(made_once, home, numpy_name))
    edits[home.file].extend(lines)
    if lines and not numpy_needed:
        edits[home.file].extend(library_imports(home, roots, numpy_name))
    wanted |= {name for name in ENDS if any(f"{name}(" in text for text in texts)}
    wanted |= called_in([*texts, *(edit.text for edit in edits[home.file])])
    called = [text for name, text in (EXTREMES | STORES).items() if name in wanted - defined]
    texts[:0] = [text.replace("np.", f"{numpy_name}.") for text in called]
    helpers = [text for name, text in HELPERS.items() if f"{name}(" in sites and name not in defined]
    texts.extend(re.sub(r"\bnp\.", f"{numpy_name}.", text) for text in helpers)
    if texts:
        edits[home.file].append(definitions(home, kernels, texts))
    return Emitted({file: tuple(in_order(found)) for file, found in edits.items()}, tuple(names))


def _touched(callees: Sequence[Callee], edits: Sequence[Edit]) -> frozenset[str]:
    """Functions that would be compiled where they stand, and of which edits change the text for Python."""
    spans = {callee.name: extent(callee.module, callee.node) for callee in callees if callee.decorate}
    return frozenset(
        name
        for name, (start, end) in spans.items()
        if any(start <= edit.start and edit.end <= end for edit in edits)
    )


def _means_pythons_max(module: Module) -> bool:
    """Is ``max`` Python's own in a file? NumPy's star import brings another one."""
    name = ast.Name(id="max", ctx=ast.Load())
    return qualified(name, module, scope_of(module, module.tree)) == "builtins.max"


def _shared(python_division: bool) -> str:
    """The decorator of a function that stays a Python function for Python."""
    return f'@register_jitable(error_model="{"python" if python_division else "numpy"}")'


def _decoration(callee: Callee, *, shared: bool) -> Edit:
    """Compile a function where it stands; one that Python calls too stays a Python function for it."""
    node = callee.node
    assert isinstance(node, ast.FunctionDef)
    at = offset(callee.module, node.lineno, 0)
    decorator = _shared(callee.python_division) if shared else _decorator(callee.python_division)
    return Edit(at, at, f"{indentation(callee.module, node)}{decorator}\n")


def _shared_with_python(kernels: Sequence[Kernel], callees: Callees) -> frozenset[str]:
    """Functions that Python runs too, perhaps with other types: elsewhere, or where a kernel is not used."""
    shared: set[str] = set()
    while True:
        compiled: list[ast.AST] = [
            statement for kernel in kernels if not conditions(kernel) for statement in kernel.statements
        ]
        compiled += [other.node for other in callees.built.values() if other.name not in shared]
        inside = {id(node) for part in compiled for node in ast.walk(part)}
        used = {
            node.id if isinstance(node, ast.Name) else node.attr
            for module in callees.project.modules.values()
            for node in module.nodes
            if isinstance(node, ast.Name | ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and id(node) not in inside
        }
        more = {callee.name for callee in callees.built.values() if callee.name in used} - shared
        if not more:
            return frozenset(shared)
        shared |= more
