"""Which kinds the names of lowered statements have, from what the statements bind them to."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from pdeperf.kernel.given_back import kinds_given_back
from pdeperf.kernel.kinds import CONSTANT_NAMES, FLOAT, INT, UNKNOWN, Kind, element, infer, join, parts_of
from pdeperf.kernel.lowering import Lowering
from pdeperf.kernel.nested_loops import Axis, axes, values_of
from pdeperf.kernel.vocabulary import CONSTANTS, qualified
from pdeperf.source.flow import reads

_WHOLE = frozenset(("int", "npint", "bool"))
_FLOATS = frozenset(("float", "npfloat", "number"))


def infer_names(
    statements: Sequence[ast.stmt], lowering: Lowering, start: dict[str, Kind]
) -> dict[str, Kind]:
    """Kinds of all names of lowered statements, to a fixed point."""
    names = _constants(statements, lowering) | start
    for _ in range(5):
        before = dict(names)
        for statement in statements:
            for node in ast.walk(statement):
                for name, kind in _bound(node, names, lowering):
                    if kind is not UNKNOWN or name not in names:
                        old = names.get(name, UNKNOWN)
                        names[name] = join(old, kind) if old != UNKNOWN else kind
        if names == before:
            break
    return names


def _constants(statements: Sequence[ast.stmt], lowering: Lowering) -> dict[str, Kind]:
    """Kinds of a library's constants by how they are written: ``math.pi``, ``pi``."""
    read = {
        ast.unparse(node): node
        for part in statements
        for node in ast.walk(part)
        if isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and node.attr in CONSTANT_NAMES)
    }
    known = (name for name, node in read.items() if _full_name(node, lowering) in CONSTANTS)
    return dict.fromkeys(known, FLOAT)


def _full_name(node: ast.Name | ast.Attribute, lowering: Lowering) -> str:
    return qualified(node, lowering.module, lowering.scope)


def whole_at_times(statements: Sequence[ast.stmt], names: Mapping[str, Kind], lowering: Lowering) -> set[str]:
    """Names of floats that are bound to computed integers too: Python keeps which, compiled code does not.

    Integers that the source writes, ``total = 0``, are what others are added to. A function of the user's
    that was given floats too may return an integer where it is given nothing else.
    """
    found: set[str] = set()
    for part in statements:
        for node in ast.walk(part):
            value = getattr(node, "value", None)
            if isinstance(node, ast.AugAssign) or (isinstance(value, ast.expr) and not reads(value)):
                continue
            whole = _WHOLE
            if isinstance(value, ast.Call) and id(value) in lowering.uses and value.args:
                given = {infer(part, names, lowering.call_kind).base for part in value.args}
                whole = _WHOLE | {"number"} if given <= _WHOLE else _WHOLE
            for name, kind in _bound(node, dict(names), lowering):
                if kind.base in whole and names.get(name, UNKNOWN).base in _FLOATS:
                    found.add(name)
    return found


def _bound(node: ast.AST, names: dict[str, Kind], lowering: Lowering) -> Iterator[tuple[str, Kind]]:
    """The names that a statement, or a part of it, binds, and what to."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _unpack(target, value, names, lowering)
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            yield name, infer(ast.BinOp(ast.Name(name, ast.Load()), op, value), names, lowering.call_kind)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, infer(value, names, lowering.call_kind)
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"))):
            yield name, INT
        case ast.comprehension(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"))):
            yield name, INT
        case ast.comprehension(target=ast.Name(id=name), iter=source):
            kind = infer(source, names, lowering.call_kind)
            if (kind.is_array or kind.base == "list") and kind.ndim == 1:
                yield name, element(kind)
        case ast.For(target=ast.Tuple()) if nest := axes(node, lowering.module, lowering.scope):
            for axis in nest:
                yield axis.target.id, _of_axis(axis, names, lowering)
        case ast.For(target=ast.Tuple(elts=parts)) if text := values_of(
            node, lowering.module, lowering.scope
        ):
            yield from _of_row(parts, infer(ast.parse(text, mode="eval").body, names, lowering.call_kind))
        case (
            ast.For(target=ast.Tuple(elts=parts), iter=ast.Call(func=ast.Name(id="zip" | "enumerate")))
            | ast.comprehension(
                target=ast.Tuple(elts=parts), iter=ast.Call(func=ast.Name(id="zip" | "enumerate"))
            )
        ):
            yield from _of_zip(parts, node.iter, names, lowering)
        case (
            ast.For(target=ast.Tuple(elts=elements), iter=source)
            | ast.comprehension(target=ast.Tuple(elts=elements), iter=source)
        ):
            yield from _of_row(elements, infer(source, names, lowering.call_kind))
        case ast.For(target=ast.Name(id=name), iter=source):
            kind = infer(source, names, lowering.call_kind)
            if kind.base == "tuple" and kind.ndim:
                yield name, kind  # an index of several counters
            elif kind.base == "list" and kind.ndim == 1:
                yield name, element(kind)
            elif kind.is_array:
                yield name, element(kind) if kind.ndim == 1 else Kind("array", kind.dtype, kind.ndim - 1)


def _of_zip(
    targets: Sequence[ast.expr], source: ast.expr, names: dict[str, Kind], lowering: Lowering
) -> Iterator[tuple[str, Kind]]:
    """What ``zip`` and ``enumerate`` of arrays, lists and ranges bind."""
    match source:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner]) if len(targets) == 2:
            counter, target = targets
            if isinstance(counter, ast.Name):
                yield counter.id, INT
            is_zip = isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
            is_row = isinstance(target, ast.Tuple) and not is_zip
            inside = target.elts if isinstance(target, ast.Tuple) and not is_row else [target]
            yield from _of_zip(inside, inner, names, lowering)
        case ast.Call(func=ast.Name(id="zip"), args=[*parts]) if len(parts) == len(targets):
            for target, part in zip(targets, parts, strict=True):
                yield from _of_zip([target], part, names, lowering)
        case ast.Call(func=ast.Name(id="range")) if isinstance(targets[0], ast.Name):
            yield targets[0].id, INT
        case _ if len(targets) == 1 and isinstance(targets[0], ast.Name):
            kind = infer(source, names, lowering.call_kind)
            if kind.ndim == 1 and (kind.is_array or kind.base == "list"):
                yield targets[0].id, element(kind)
            elif kind.is_array:
                yield targets[0].id, Kind("array", kind.dtype, kind.ndim - 1)
        case _ if len(targets) == 1 and isinstance(targets[0], ast.Tuple):
            yield from _of_row(targets[0].elts, infer(source, names, lowering.call_kind))


def _of_row(targets: Sequence[ast.expr], kind: Kind) -> Iterator[tuple[str, Kind]]:
    """What the elements of each row of an array or a list of lists are bound to."""
    for part in targets:
        if isinstance(part, ast.Name) and kind.ndim == 2 and (kind.is_array or kind.base == "list"):
            yield part.id, element(Kind(kind.base, kind.dtype, 1))


def _of_axis(axis: Axis, names: dict[str, Kind], lowering: Lowering) -> Kind:
    match axis.source:
        case None | ast.Call(func=ast.Name(id="range")):
            return INT
        case source:
            kind = infer(source, names, lowering.call_kind)
            return element(kind) if kind.is_array and kind.ndim == 1 else UNKNOWN


def _unpack(
    target: ast.expr, value: ast.expr, names: dict[str, Kind], lowering: Lowering
) -> Iterator[tuple[str, Kind]]:
    if isinstance(target, ast.Name):
        back = kinds_given_back(value, lowering.uses)
        yield target.id, back[0] if back else infer(value, names, lowering.call_kind)
    elif isinstance(target, ast.Tuple | ast.List):
        if back := kinds_given_back(value, lowering.uses):
            for given, kind in zip(target.elts, back, strict=True):
                inside = given.elts if isinstance(given, ast.Tuple) else [given]
                kinds = [kind] if inside == [given] else parts_of(kind, len(inside))
                for one, of_one in zip(inside, kinds, strict=True):
                    if isinstance(one, ast.Name):
                        yield one.id, of_one
            return
        if isinstance(value, ast.Tuple | ast.List):
            kinds = [infer(part, names, lowering.call_kind) for part in value.elts]
        else:
            kinds = parts_of(infer(value, names, lowering.call_kind), len(target.elts))
        for name, kind in zip(target.elts, kinds, strict=False):
            if isinstance(name, ast.Name):
                yield name.id, kind


def result_kinds(statements: Sequence[ast.stmt], kinds: dict[str, Kind], lowering: Lowering) -> list[Kind]:
    """Kinds of what the return statements return."""
    return [
        infer(inner.value, kinds, lowering.call_kind)
        for statement in statements
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Return) and inner.value is not None
    ]
