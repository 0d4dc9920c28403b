"""Kernels and the functions that they call, with short arrays as their components where that can be."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pdeperf.kernel.arrays_as_loops import with_arrays_as_loops
from pdeperf.kernel.callees import Callees
from pdeperf.kernel.callsite import lists_of
from pdeperf.kernel.joined_indices import with_joined_indices
from pdeperf.kernel.kinds import UNKNOWN, Kind, infer
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.paths import MARK
from pdeperf.kernel.short_vectors import with_components
from pdeperf.kernel.sums_as_loops import with_sums_as_loops
from pdeperf.kernel.vector_shapes import MOST_COMPONENTS, Function, Shapes, Value
from pdeperf.kernel.zero_checks import surely_bound
from pdeperf.source import Module
from pdeperf.source.edits import segment
from pdeperf.source.scopes import FUNCTIONS, parameters, scope_of, uses_of

_NOTHING = ast.FunctionDef("", ast.arguments([], [], None, [], [], None, []), [], [])


@dataclass(frozen=True, slots=True)
class Spread:
    """What functions have become.

    Attributes
    ----------
    texts
        Their texts, by the names that they had.
    kernels
        The kernels by name, with the conditions on the lengths of what they are given.
    copied
        Functions that are no longer compiled where they stand.
    uses_numpy
        Whether they use NumPy where they did not.
    """

    texts: Mapping[str, str]
    kernels: Mapping[str, Kernel]
    copied: frozenset[str]
    uses_numpy: bool


def in_components(
    kernels: Mapping[str, Kernel],
    texts: Mapping[str, str],
    callees: Callees,
    numpy_name: str,
    touched: frozenset[str] = frozenset(),
) -> Spread | None:
    """The functions of a rewrite with short arrays as components, and an element's indices in one place.

    None where nothing changes.

    Parameters
    ----------
    kernels
        The kernels, by name.
    texts
        Compiled functions, by name.
    touched
        Functions whose text is changed where they stand, for Python.
    """
    entries = {name: _arguments(kernel) for name, kernel in kernels.items()}
    lowerings = [kernel.lowering for kernel in kernels.values()]
    lowerings += [callee.lowering for callee in callees.built.values()]
    shared = {name: table.kind for one in lowerings for name, table in one.tables.items()}
    shared |= _constants(callees.home)
    imports = _imports(callees.home, numpy_name)
    joined = with_arrays_as_loops(with_joined_indices(imports, texts, entries, shared), numpy_name)
    joined = with_sums_as_loops(joined)
    found = with_components(imports, joined, entries, numpy_name, shared)
    if found is None and joined == texts and not touched:
        return None
    fresh_texts = found.texts if found else joined
    decorated = {callee.name: callee.module for callee in callees.built.values() if callee.decorate}
    changed = {name for name, text in fresh_texts.items() if text.strip() != texts[name].strip()}
    copied = frozenset(decorated.keys() & (changed | touched))
    if any(decorated[name] is not callees.home for name in copied):
        return None  # the names that it reads mean something there
    made = dict(fresh_texts)
    for name in copied:
        fresh = f"{name}_kernel"
        while fresh in callees.taken or fresh in made:
            fresh += "_"
        made = {one: re.sub(rf"\b{name}(?=\()", fresh, text) for one, text in made.items()}
    guarded = {
        name: replace(kernel, guards=(*kernel.guards, *_conditions(kernel, found.entered[name], numpy_name)))
        if found
        else kernel
        for name, kernel in kernels.items()
    }
    stripped = {name: text.strip("\n") + "\n" for name, text in made.items()}
    return Spread(stripped, guarded, copied, found is not None)


def _imports(module: Module, numpy_name: str) -> str:
    """The imports of a file, and NumPy's."""
    nodes = (node for node in module.nodes if isinstance(node, ast.Import | ast.ImportFrom))
    rows = [segment(module, node) for node in nodes if not isinstance(node, ast.ImportFrom) or not node.level]
    return "\n".join((f"import numpy as {numpy_name}", "from numba import njit, prange", *rows))


def _constants(module: Module) -> dict[str, Kind]:
    """Kinds of the numbers that a file names at its top level."""
    found: dict[str, Kind] = {}
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            kind = infer(node.value, found, lambda *_: UNKNOWN)
            name = node.targets[0].id
            found[name] = kind if found.get(name, kind) == kind and kind.is_scalar else UNKNOWN
    return found


def _arguments(kernel: Kernel) -> dict[str, Value]:
    """What the arguments of a kernel are."""
    found: dict[str, Value] = {}
    for name in kernel.arguments:
        kind, seen = kernel.kinds.get(name, UNKNOWN), kernel.lowering.seen.get(name)
        if kind.base == "list":
            dtype = {"npfloat": "float64"}.get(kind.dtype, kind.dtype)
            kind = Kind("array", dtype, kind.ndim)
        shape = seen.shape if seen is not None and len(seen.shape) == kind.ndim else (-1,) * kind.ndim
        if name in kernel.results and _may_stay_known(kernel, name):
            shape = (-1,) * kind.ndim
        text = kernel.lowering.sources.get(name, name)
        if MARK in text and kind.ndim == 2 and kernel.kinds[name].is_array:
            objects, _, attribute = text.rpartition(MARK)
            home = kernel.lowering.list_class(ast.parse(objects, mode="eval").body)
            shape = (-1, kernel.lowering.components(home, attribute))
        found[name] = Value(kind, shape if kind.is_array else ())
    return found


def _conditions(kernel: Kernel, entered: Sequence[str], numpy_name: str) -> Iterator[str]:
    """That arrays have the lengths that they were seen to have, and share nothing that is changed."""
    lists = lists_of(kernel)
    groups: dict[int, list[str]] = {}
    stored = []
    in_place = {
        node.target.id
        for part in kernel.lowered
        for node in ast.walk(part)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    for name, value in _arguments(kernel).items():
        text = kernel.lowering.sources.get(name, name)
        if not value.kind.is_array or MARK in text:
            continue
        stored += [text] if name in kernel.stored | in_place else []
        for axis, length in enumerate(value.shape):
            if not 0 < length <= MOST_COMPONENTS or value.kind.dtype != "float64":
                continue
            if (made := _made(kernel, text)) and all(shape[axis : axis + 1] == (length,) for shape in made):
                continue
            if name in lists:
                rows = {0: text, 1: f"{text}[0]", 2: f"{text}[0][0]"}[axis]
                groups.setdefault(length, []).append(f"len({rows})")
            else:
                groups.setdefault(length, []).append(f"{text}.shape[{axis}]")
    for length, lengths in groups.items():
        yield f"{' == '.join(lengths)} == {length}"
    for name in entered:
        text = kernel.lowering.sources.get(name, name)
        for other in stored:
            are_new = _made(kernel, text) and _made(kernel, other)
            if other != text and name not in lists and not are_new:
                yield f"not {numpy_name}.may_share_memory({text}, {other})"


def _made(kernel: Kernel, text: str) -> list[tuple[int, ...]]:
    """Shapes of the new arrays that are all that a variable is ever bound to; empty if there is more."""
    module, owner = kernel.module, kernel.scope.resolve(text) if text.isidentifier() else None
    if owner is None or (isinstance(owner.node, FUNCTIONS) and text in parameters(owner.node)):
        return []
    inside = {id(node) for part in kernel.statements for node in ast.walk(part)}
    shapes, found = Shapes(module, {}), list[tuple[int, ...]]()
    for node in uses_of(text, module):
        home = module.parents[node]
        if isinstance(node.ctx, ast.Load) or id(node) in inside or isinstance(home, ast.AugAssign):
            continue
        mine = scope_of(module, node).resolve(text)
        if mine is None or mine.node is not owner.node:
            continue
        made = home.value if isinstance(home, ast.Assign) and home.targets == [node] else None
        if not (isinstance(made, ast.Call) and shapes.is_made(made)):
            return []
        parts = shapes.literal(made) if shapes.full(made.func) == "numpy.array" else []
        found.append((len(parts),) if parts else shapes.value(made, Function(_NOTHING)).shape)
    return found


def _may_stay_known(kernel: Kernel, name: str) -> bool:
    """May an array be given back as it came, while another name stands for it, and one of them be changed?"""
    if name in surely_bound(kernel.statements):
        return False
    inside = {id(node) for part in kernel.statements for node in ast.walk(part)}
    outside = [node for node in kernel.module.nodes if id(node) not in inside]
    linked, changed = {name}, set[str]()
    for node in outside:
        match node:
            case ast.Assign(targets=targets, value=ast.Name() | ast.Subscript() | ast.Attribute() as value):
                roots = {_root(one) for one in targets}
                if name in roots:
                    linked.add(_root(value))
                elif isinstance(value, ast.Name) and value.id == name:
                    linked |= roots
            case ast.AugAssign(target=target):
                changed.add(_root(target))
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            changed.add(_root(node))
    home = kernel.scope.node
    is_given = isinstance(home, FUNCTIONS) and name in parameters(home)
    return bool(linked & changed) and (is_given or len(linked) > 1)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
