"""``tuple(a + b for a, b in zip(one, other))`` written out where the source tells how long records are."""

import ast
from collections.abc import Iterator, Mapping

from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.records import RecordTypes
from pdeperf.kernel.rendering import Rendering
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.edits import Edit, extent
from pdeperf.source.scopes import scope_of

_MOST_TURNS = 12
_BINDS = (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.Lambda, ast.NamedExpr)


def written_out(types: RecordTypes) -> Iterator[Edit]:
    """The edits that write a file's tuples out."""
    module = types.module
    for call in module.all(ast.Call):
        match call:
            case ast.Call(args=[ast.GeneratorExp() | ast.ListComp() as made], keywords=[]):
                pass
            case _:
                continue
        found = types.of(call)
        full = qualified(call.func, module, scope_of(module, call))
        if full != "builtins.tuple" or not isinstance(found, Record) or found.width > _MOST_TURNS:
            continue
        if any(isinstance(node, _BINDS) for node in ast.walk(made.elt)):
            continue
        walk = made.generators[0]
        turns = [_turn(walk.target, walk.iter, at, types) for at in range(found.width)]
        if all(turn is not None for turn in turns):
            values = [_value(made.elt, turn, types) for turn in turns if turn is not None]
            yield Edit(*extent(module, call), _display(values, call, types))


def _turn(target: ast.expr, source: ast.expr, at: int, types: RecordTypes) -> dict[str, str] | None:
    """What the names of a walk stand for in one turn; None where that has no text."""
    match source, target:
        case ast.Call(func=ast.Name(id="zip"), args=[*args]), ast.Tuple(elts=parts) if len(args) == len(
            parts
        ):
            found: dict[str, str] = {}
            for part, one in zip(parts, args, strict=True):
                inner = _turn(part, one, at, types)
                if inner is None:
                    return None
                found |= inner
            return found
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner_source]), ast.Tuple(
            elts=[ast.Name(id=count), part]
        ):
            inner = _turn(part, inner_source, at, types)
            return None if inner is None else {**inner, count: str(at)}
        case ast.Call(func=ast.Name(id="range"), args=[_]), ast.Name(id=name):
            return {name: str(at)}
        case ((ast.Tuple(elts=values) | ast.List(elts=values)), ast.Name(id=name)) if at < len(values):
            text = Rendering(types.module).one_line(values[at])
            return {name: text if isinstance(values[at], ast.Name | ast.Constant) else f"({text})"}
        case ast.Name(id=base), ast.Name(id=name) if isinstance(types.of(source), Record):
            return {name: f"{base}[{at}]"}
    return None


def _value(element: ast.expr, turn: Mapping[str, str], types: RecordTypes) -> str:
    rendering = Rendering(types.module)
    for node in ast.walk(element):
        if isinstance(node, ast.Name) and node.id in turn:
            rendering.made[id(node)] = turn[node.id]
    return rendering.one_line(element)


def _display(values: list[str], call: ast.Call, types: RecordTypes) -> str:
    line = types.module.lines[call.lineno - 1]
    indent = " " * (len(line) - len(line.lstrip()))
    if sum(map(len, values)) < 80:
        return f"({', '.join(values)})"
    return "(\n" + "".join(f"{indent}    {value},\n" for value in values) + f"{indent})"
