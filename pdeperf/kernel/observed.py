"""Which types the names of a scope had when the script ran."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pdeperf.kernel.kinds import SMALL, Kind, join_all
from pdeperf.kernel.provable import Provable
from pdeperf.kernel.sizes import Sizes
from pdeperf.kernel.tables import Tables
from pdeperf.model import Measurement
from pdeperf.source import Module, Project
from pdeperf.source.scopes import Scope, parameters, scope_of
from pdeperf.source.short_loops import MOST_TURNS

_SCALARS = {
    "int": Kind("int"),
    "float": Kind("float"),
    "bool": Kind("bool"),
    "complex": Kind("complex"),
    "str": Kind("str"),
    "NoneType": Kind("none"),
    "numpy.float64": Kind("npfloat"),
    "numpy.float32": Kind("f32"),
    "numpy.int64": Kind("npint"),
    **{f"numpy.{dtype}": Kind("small", dtype) for dtype in SMALL},
    "numpy.bool": Kind("bool"),
    "numpy.bool_": Kind("bool"),
    "numpy.complex128": Kind("complex"),
    "function": Kind("function"),
    "builtin_function_or_method": Kind("function"),
    "method": Kind("function"),
    "module": Kind("module"),
    "dict": Kind("object"),
    "numpy.random.mtrand.RandomState": Kind("object", "RandomState"),
    "random.Random": Kind("object", "Random"),
    "numpy.random.Generator": Kind("generator"),
    "numpy.random._generator.Generator": Kind("generator"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was observed of one access path in one scope.

    Attributes
    ----------
    kind
        Its type; ``unknown`` when it had several that do not agree.
    functions
        Where a callable was defined, ``file:line:qualname``, one for each that it was seen to be.
    elements
        Types of a list's numbers.
    classes
        Classes of the user's that an object was of, ``file:Grid``.
    is_ragged
        It is a nested list that was never rectangular.
    columns
        Types of the elements of its tuples, place by place.
    keys
        Of a short dict that always had them: its keys, in order; of a short list of texts: these; of
        another short list or tuple: its places.
    value
        Text of the one value that it always had; empty if there were several.
    is_optional
        It was None at times; the rest is about the other times, or about these where nothing is given.
    shape
        Lengths along the axes of an array or a rectangular list, -1 where they were not always the same.
    """

    kind: Kind
    functions: tuple[str, ...] = ()
    is_property: bool = False
    rows_distinct: bool = True
    elements: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    is_ragged: bool = False
    columns: tuple[str, ...] = ()
    keys: tuple[str | int, ...] = ()
    value: str = ""
    is_optional: bool = False
    shape: tuple[int, ...] = ()

    @property
    def function(self) -> str:
        """The one function that it always was; empty when unknown or several."""
        return self.functions[0] if len(self.functions) == 1 else ""


def _kind(type_name: str, dtypes: list[str], ndims: list[int]) -> Kind:
    if type_name == "numpy.ndarray":
        if len(set(dtypes)) == 1 and len(set(ndims)) == 1:
            return Kind("array", dtypes[0], ndims[0])
        return Kind("unknown")
    if type_name.startswith("list["):
        return list_kind(type_name)
    if type_name.startswith("tuple["):
        names = frozenset(type_name[6:-1].split("|"))
        one = "|".join(names) if names <= {"int"} or names <= {"float"} else ""
        return Kind("tuple", one) if names <= {"int", "float", "numpy.float64"} else Kind("object")
    return _SCALARS.get(type_name, Kind("object"))


def list_kind(type_name: str) -> Kind:
    """The kind that ``list[list[float]]`` means; that of an object for what holds no numbers."""
    inner, depth = type_name, 0
    while inner.startswith("list["):
        inner, depth = inner[5:-1], depth + 1
    element = _element(frozenset(inner.split("|"))) if depth else ""
    return Kind("list", element, depth) if element else Kind("object")


def is_empty_list(type_name: str) -> bool:
    """Is it the type of a list, or of a list of lists, without anything in it?"""
    return type_name.replace("list[", "").strip("]") == "list"


def _element(names: frozenset[str]) -> str:
    """Array type that holds a list's elements."""
    if names <= {"bool"}:
        return "bool"
    if names <= {"int"}:
        return "int64"
    if "complex" in names and names <= {"int", "float", "complex"}:
        return "complex128"
    return "float64" if names <= {"int", "float", "numpy.float64"} else ""


def _seen(rows: Iterable[Measurement], *, is_absent: bool) -> Seen:
    values: dict[str, list[str]] = {}
    for row in rows:
        values.setdefault(row.metric, []).append(_text(row.value))
    types = values.get("type", [])
    is_optional = "NoneType" in types and {*types} != {"NoneType"}
    if is_optional and is_absent:
        return Seen(Kind("none"), is_optional=True)
    values["type"] = [name for name in types if not is_optional or name != "NoneType"]
    ndims = [int(float(value)) for value in values.get("ndim", [])]
    kinds = [_kind(name, values.get("dtype", []), ndims) for name in values.get("type", [])]
    kind = join_all(kinds)
    return Seen(
        kind=kind,
        is_ragged=kind.base == "list" and kind.ndim > 1 and "shape" not in values,
        functions=tuple(dict.fromkeys(values.get("function", []))),
        classes=tuple(dict.fromkeys(values.get("class", []))),
        columns=tuple(values["columns"][0].split()) if len(set(values.get("columns", []))) == 1 else (),
        keys=_keys(values),
        value=values["value"][0] if len(set(values.get("value", []))) == 1 else "",
        is_optional=is_optional,
        is_property="1" in values.get("property", []),
        rows_distinct="0" not in values.get("rows_distinct", []),
        elements=frozenset(part for name in values.get("type", []) for part in _elements(name)),
        shape=_shape(values.get("shape", ())),
    )


def _shape(texts: Iterable[str]) -> tuple[int, ...]:
    """Lengths that all of ``3x40``, ``3x80`` have: 3 and -1."""
    shapes = {tuple(map(int, text.split("x"))) for text in texts if text}
    if len({len(shape) for shape in shapes}) != 1:
        return ()
    return tuple(lengths[0] if len({*lengths}) == 1 else -1 for lengths in zip(*shapes, strict=True))


def _keys(values: Mapping[str, Sequence[str]]) -> tuple[str | int, ...]:
    """Keys of a dict, or places in a list, if there were never others."""
    told, lengths = set(values.get("keys", [])), set(values.get("length", []))
    if len(told) == 1:
        return tuple(ast.literal_eval(told.pop()))
    if told or len(lengths) != 1 or int(lengths.copy().pop()) > MOST_TURNS:
        return ()
    return tuple(range(int(lengths.pop())))


def _elements(type_name: str) -> list[str]:
    """Names of the innermost types of ``list[list[float|int]]``."""
    inner = type_name
    while inner.startswith("list["):
        inner = inner[5:-1]
    return inner.split("|") if inner != type_name else []


def _text(value: float | str) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class Observed:
    """The observed types of a project, by scope and access path.

    Parameters
    ----------
    project
        Its ``observed`` rows are read.

    Attributes
    ----------
    is_absent
        What is looked at was None, where it was that at times.
    optional
        What was looked at and was None at times.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self.is_absent = False
        self.optional: set[str] = set()
        self._by_scope: dict[tuple[str, int], dict[str, list[Measurement]]] = {}
        self._nodes: dict[tuple[str, int], ast.AST] = {}
        for row in project.observed:
            if row.where.file in project and row.subject and "|" not in row.subject:
                scope = scope_seen(project[row.where.file], row)
                self._nodes[row.where.file, _key(scope)] = scope
                found = self._by_scope.setdefault((row.where.file, _key(scope)), {})
                found.setdefault(row.subject, []).append(row)

    @cached_property
    def provable(self) -> Provable:
        """What the source proves beyond what was seen."""
        return Provable(self._project)

    @cached_property
    def sizes(self) -> Sizes:
        """What the source proves about the sizes of arrays."""
        return Sizes(self.provable)

    @cached_property
    def tables(self) -> Tables:
        """Lists that are written in the source and never change."""
        return Tables(self._project)

    def look(self, module: Module, scope: ast.AST, path: str, region: range | None = None) -> Seen | None:
        """What was seen of a path in a scope, inside the region's lines if it was seen there.

        Returns None for a path that was never seen.
        """
        rows = self._by_scope.get((module.file, _key(scope)), {}).get(path, [])
        if region is not None:
            near = [row for row in rows if row.where.first in region]
            rows = near or rows
        return self._seen(path, rows)

    def _seen(self, path: str, rows: Sequence[Measurement]) -> Seen | None:
        if not rows:
            return None
        found = _seen(rows, is_absent=self.is_absent)
        if found.is_optional:
            self.optional.add(path)
        return found

    def look_elsewhere(self, module: Module, scope: Scope, path: str, root: str) -> Seen | None:
        """What other scopes saw of a path whose first name means the same object there.

        A global or a closure's variable is the same wherever it is visible; ``self`` is taken to
        be alike in all methods of a class.
        """
        owner = scope.resolve(root)
        rows: list[Measurement] = []
        for (file, line), found in self._by_scope.items():
            if file != module.file or path not in found:
                continue
            node = self._nodes[file, line]
            other = scope_of(module, node)
            same_owner = other.resolve(root)
            is_same = same_owner is not None and owner is not None and same_owner.node is owner.node
            if is_same or (same_owner is None and owner is None) or _same_self(module, owner, other, root):
                rows.extend(found[path])
        return self._seen(path, rows)

    def types_in_class(self, home: str, rest: str) -> frozenset[str]:
        """Types of what was seen at ``rest`` behind any name of an object of a class."""
        return self.facts_in_class(home, rest, "type", "property")

    def facts_in_class(self, home: str, rest: str, *metrics: str) -> frozenset[str]:
        """What was seen at ``rest`` behind any name of an object of a class."""
        return frozenset(
            _text(row.value)
            for found in self._by_scope.values()
            for subject, rows in found.items()
            if (owner := subject.removesuffix(rest)) != subject
            if any(row.metric == "class" and row.value == home for row in found.get(owner, ()))
            for row in rows
            if row.metric in metrics
        )

    def look_in_class(self, home: str, rest: str) -> Seen | None:
        """What the methods of a class, or of one that it is derived from, saw of ``self`` and the rest."""
        classes = self.provable.program.ancestry(home)
        rows: list[Measurement] = []
        for (file, line), found in self._by_scope.items():
            node = self._nodes[file, line]
            if isinstance(node, ast.FunctionDef) and self._project[file].parents.get(node) in classes:
                rows.extend(found.get("".join((*parameters(node)[:1], rest)), []))
        return self._seen(rest, rows)


def _same_self(module: Module, one: Scope | None, other: Scope, root: str) -> bool:
    """Are both methods of one class, and is ``root`` the first parameter of both?"""
    nodes = one.node if one is not None else module.tree, other.node
    if not all(isinstance(node, ast.FunctionDef) and node.args.args[:1] for node in nodes):
        return False
    firsts = {node.args.args[0].arg for node in nodes if isinstance(node, ast.FunctionDef)}
    homes = [module.parents.get(node) for node in nodes]
    return firsts == {root} and homes[0] is homes[1] and isinstance(homes[0], ast.ClassDef)


def _key(scope: ast.AST) -> int:
    return getattr(scope, "lineno", 0)


def _functions_in(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def scope_seen(module: Module, row: Measurement) -> ast.AST:
    """The function, or the module, in which something was seen."""
    best: ast.AST = module.tree
    for node in module.once(_functions_in, module):
        first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
        last = node.end_lineno or node.lineno
        is_the_function = row.where.first in (first, node.lineno) and row.where.last == last
        inside = node.lineno < row.where.first <= last
        if (is_the_function or inside) and node.lineno >= _key(best):
            best = node
    return best
