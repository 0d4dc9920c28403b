"""When arrays may live on the GPU: their names must stand for them all the while, and objects be as seen."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.entries import reached
from pdeperf.arrays.ir import Scalar, walk
from pdeperf.arrays.kept_text import kept_trees
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.program import Item, Nested, bound_by_text, runs_of
from pdeperf.gpu.first import kept_statements
from pdeperf.gpu.names import GpuNames
from pdeperf.gpu.uses import Arrays


def conditions(names: GpuNames, items: Sequence[Item], arrays: Arrays) -> list[str]:
    """What has to hold of objects when the region begins.

    Raises
    ------
    Unliftable
        If an array's name may come to stand for another array while the region runs.
    """
    _check_objects(names, items, arrays)
    by_text = bound_by_text(items)
    apart = sorted({tuple(sorted(pair)) for pair in _one_attribute(items, arrays)})
    if changing := [one for pair in apart for one in pair if one.split(".")[0] in by_text]:
        raise Unliftable(f"`{changing[0]}` may be another object here")
    made = sorted(name for name in _bound(items, arrays).intersection(arrays.uploaded) if "." in name)
    return [
        *(f'hasattr({base}, "{last}")' for base, _, last in (name.rpartition(".") for name in made)),
        *as_seen(names, items),
        *(f"{one} is not {other}" for one, other in apart),
        *_numbers_as_seen(names, items, by_text),
    ]


def _numbers_as_seen(names: GpuNames, items: Sequence[Item], by_text: frozenset[str]) -> list[str]:
    """That numbers from before the region are of the types that kernels are given."""
    found: dict[str, None] = {}
    types = {buffer.dtype for run in runs_of(items) for buffer in run.entry.values()}
    is_single, has_integers = "float32" in types, bool(types - {"float64", "float32", "complex128"})
    for part in _scalars(items):
        tree = ast.parse(part.text, mode="eval")
        inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Name | ast.Attribute) or id(node) in inner or not is_path(node):
                continue
            root = ast.unparse(node).split(".")[0]
            if names.called(node) or root in by_text or root not in names.before:
                continue
            kind = names._kind(node)
            if kind.base in ("int", "npint", "bool"):
                found[f'hasattr({ast.unparse(node)}, "__index__")'] = None
            elif kind.is_scalar and kind.base != "complex":
                found[f"not isinstance({ast.unparse(node)}, complex)"] = None
                if has_integers and kind.base != "number":  # of integers and integers come integers
                    found[f'not hasattr({ast.unparse(node)}, "__index__")'] = None
            if is_single and kind.base in ("float", "npfloat"):  # NumPy's widen single precision
                test = f'hasattr({ast.unparse(node)}, "dtype")'
                found[test if kind.base == "npfloat" else f"not {test}"] = None
    return list(found)


def _scalars(items: Sequence[Item]) -> Iterator[Scalar]:
    for run in runs_of(items):
        for step in run.steps:
            mask = getattr(step, "mask", None)
            for expr in (step.expr, mask) if mask is not None else (step.expr,):
                yield from (part for part in walk(expr) if isinstance(part, Scalar))


def as_seen(names: Names, items: Sequence[Item]) -> list[str]:
    """What has to hold of objects whose methods have been put in, and of tables whose entries have.

    Raises
    ------
    Unliftable
        If they may become others while the region runs.
    """
    by_text = bound_by_text(items)
    classes = [(path, name) for path, name in names.classes.items() if names.is_settled(path)]
    if len(classes) < len(names.classes) or by_text & {path.split(".")[0] for path, _ in classes}:
        raise Unliftable("objects whose methods are called are made here")
    if any(_names_in(check) & by_text for check in names.checks):
        raise Unliftable("a table changes here")
    return [*(f"type({path}) is {name}" for path, name in classes), *names.checks]


def unlike_arrays(checks: Sequence[str], typed: Sequence[str]) -> list[str]:
    """Tests of what sizes are asked of though its type is not checked: is it no array?"""
    asked = {
        ast.unparse(node.value)
        for check in checks
        for node in ast.walk(ast.parse(check))
        if isinstance(node, ast.Attribute) and node.attr == "shape"
    }
    return [
        f'not hasattr({base}, "{attr}")'
        for path in sorted(asked - {*typed})
        for base, _, attr in (path.rpartition("."), (path, "", "shape"))
        if base.isidentifier() or base == path
    ]


def _names_in(text: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def _bound(items: Sequence[Item], arrays: Arrays) -> set[str]:
    """Names and paths of arrays that the region binds."""
    bound = {name for run in runs_of(items) for name in run.names}
    return bound.union(*(arrays.use(each).binds for each in kept_statements(items)))


def _one_attribute(items: Sequence[Item], arrays: Arrays) -> Iterator[tuple[str, str]]:
    """Objects of which an attribute is bound under the one name and used under the other."""
    for path in _bound(items, arrays):
        base, _, last = path.rpartition(".")
        for other in arrays.device:
            its, _, attr = other.rpartition(".")
            if base and its and attr == last and its != base:
                yield base, its


def _check_objects(names: GpuNames, items: Sequence[Item], arrays: Arrays) -> None:
    """Refuse a region in which the object that holds an array may become another."""
    stored = {ast.unparse(node) for node in _stored(items)}
    calls = [
        node
        for tree in kept_trees(items)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and names.function(node.func) is not None
    ]
    inner = [node for function in reached(calls, names.module) for node in ast.walk(function)]
    attributes = {
        node.attr for node in inner if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    }
    shared = {name for node in inner if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    sets_any = any(isinstance(node, ast.Name) and node.id == "setattr" for node in inner)
    for path in arrays.device:
        parts = path.split(".")
        holders = {".".join(parts[:count]) for count in range(1, len(parts))}
        if holders & stored or (len(parts) > 1 and (sets_any or attributes & {*parts[1:]})) or path in shared:
            raise Unliftable(f"`{path}` may become another array while it is on the GPU")


def _stored(items: Sequence[Item]) -> Iterator[ast.expr]:
    """Names and attributes that statements bind which stay as they are, loops' counters too."""
    trees: list[ast.AST] = [*kept_trees(items), *_targets(items)]
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Load):
                yield node


def _targets(items: Sequence[Item]) -> Iterator[ast.expr]:
    for item in items:
        if isinstance(item, Nested):
            if isinstance(item.statement, ast.For):
                yield item.statement.target
            for block in item.blocks.values():
                yield from _targets(block)
