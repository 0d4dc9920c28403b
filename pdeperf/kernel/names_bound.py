"""Which kinds the names of lowered statements have, from what the statements bind them to."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.kernel.given_back import kinds_given_back
from pdeperf.kernel.kinds import INT, UNKNOWN, Kind, element, infer, join
from pdeperf.kernel.lowering import Lowering
from pdeperf.kernel.nested_loops import Axis, axes


def infer_names(
    statements: Sequence[ast.stmt], lowering: Lowering, start: dict[str, Kind]
) -> dict[str, Kind]:
    """Kinds of all names of lowered statements, to a fixed point."""
    names = dict(start)
    for _ in range(5):
        before = dict(names)
        for statement in statements:
            for node in ast.walk(statement):
                _bind(node, names, lowering)
        if names == before:
            break
    return names


def _bind(node: ast.AST, names: dict[str, Kind], lowering: Lowering) -> None:
    def put(name: str, kind: Kind) -> None:
        if kind is UNKNOWN and name in names:
            return
        names[name] = join(names[name], kind) if name in names and names[name] != UNKNOWN else kind

    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                for name, kind in _unpack(target, value, names, lowering):
                    put(name, kind)
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            put(name, infer(ast.BinOp(ast.Name(name, ast.Load()), op, value), names, lowering.call_kind))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            put(name, infer(value, names, lowering.call_kind))
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"))):
            put(name, INT)
        case ast.comprehension(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"))):
            put(name, INT)
        case ast.comprehension(target=ast.Name(id=name), iter=source):
            kind = infer(source, names, lowering.call_kind)
            if (kind.is_array or kind.base == "list") and kind.ndim == 1:
                put(name, element(kind))
        case ast.For(target=ast.Tuple()) if nest := axes(node, lowering.module, lowering.scope):
            for axis in nest:
                put(axis.target.id, _of_axis(axis, names, lowering))
        case ast.For(target=ast.Tuple(elts=parts), iter=ast.Call(func=ast.Name(id="zip" | "enumerate"))):
            for name, kind in _of_zip(parts, node.iter, names, lowering):
                put(name, kind)
        case (
            ast.For(target=ast.Tuple(elts=elements), iter=ast.Name() as source)
            | ast.comprehension(target=ast.Tuple(elts=elements), iter=ast.Name() as source)
        ):
            kind = infer(source, names, lowering.call_kind)
            for part in elements:
                if isinstance(part, ast.Name) and kind.base == "list" and kind.ndim == 2:
                    put(part.id, element(Kind("list", kind.dtype, 1)))
        case ast.For(target=ast.Name(id=name), iter=source):
            kind = infer(source, names, lowering.call_kind)
            if kind.base == "tuple" and kind.ndim:
                put(name, kind)  # an index of several counters
            elif kind.base == "list" and kind.ndim == 1:
                put(name, element(kind))
            elif kind.is_array:
                put(name, element(kind) if kind.ndim == 1 else Kind("array", kind.dtype, kind.ndim - 1))


def _of_zip(
    targets: Sequence[ast.expr], source: ast.expr, names: dict[str, Kind], lowering: Lowering
) -> Iterator[tuple[str, Kind]]:
    """What ``zip`` and ``enumerate`` of arrays, lists and ranges bind."""
    match source:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner]) if len(targets) == 2:
            counter, target = targets
            if isinstance(counter, ast.Name):
                yield counter.id, INT
            inside = target.elts if isinstance(target, ast.Tuple) else [target]
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
                for one in inside:
                    if isinstance(one, ast.Name):
                        yield one.id, kind if one is given else _of_parts(kind)
            return
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [None] * len(target.elts)
        whole = infer(value, names, lowering.call_kind)
        inner = _of_parts(whole)
        for name, part in zip(target.elts, parts, strict=False):
            if isinstance(name, ast.Name):
                yield name.id, inner if part is None else infer(part, names, lowering.call_kind)


def _of_parts(whole: Kind) -> Kind:
    """Kind of the elements of a tuple of which all are alike."""
    if whole.base != "tuple":
        return UNKNOWN
    return {"int": INT, "float": Kind("float")}.get(whole.dtype, UNKNOWN)
