"""Loops that turn as often for each element: what they go over, and what their targets hold."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_joints import stacked
from pdeperf.sparse.batched_tables import held as held_functions
from pdeperf.sparse.batched_values import NotAtOnce, Value, items_of, made


def iterated(write: Expressions, source: ast.expr) -> tuple[str, Value | None]:
    """What a loop goes over, and what its target holds; None if that was only seen."""
    if isinstance(source, ast.Call):
        name = write.meaning.full(write.module, source.func)
        if name == "builtins.range" and not source.keywords:
            parts = [write.number(one) for one in source.args]
            if any(one.varies for one in parts):
                raise NotAtOnce("a loop's range differs between the elements")
            return f"range({', '.join(one.text for one in parts)})", Value(source, is_plain=True)
        if name in ("builtins.enumerate", "builtins.zip") and not source.keywords:
            if name == "builtins.enumerate" and len(source.args) != 1:
                raise NotAtOnce("a loop counts from elsewhere")
            inner = [iterated(write, one) for one in source.args]
            held = [one for _, one in inner if one is not None]
            if len(held) < len(inner):
                raise NotAtOnce("it is not known what a loop goes over")
            if name == "builtins.enumerate":
                held.insert(0, Value(source, is_plain=True))
            texts = ", ".join(text for text, _ in inner)
            return f"{name[9:]}({texts})", Value(source, None, True, parts=tuple(held))
        if isinstance(source.func, ast.Attribute) and source.func.attr == "items" and not source.args:
            text = ast.unparse(source.func.value)
            if write.seen(text, "type") == {"dict"} and text not in write.names:
                return ast.unparse(source), None
    if (functions := held_functions(write, source)) is not None:
        return ast.unparse(source), functions
    text = ast.unparse(source) if isinstance(source, ast.Name | ast.Attribute) else ""
    is_others = text.partition(".")[0] not in {*write.own, *write.names}
    if text and is_others and write.seen(text, "type") == {"range"}:
        return text, Value(source, is_plain=True)
    found = _with_texts(write, source) or write.value(source)
    if found.ragged is not None:
        raise NotAtOnce("a list is longer for some elements")
    if found.is_list:
        if found.parts and any(part.is_list for part in found.parts):
            return found.text, _rows(found.parts)
        return found.text, items_of(found)
    if not found.rank:
        raise NotAtOnce("a loop goes over a number")
    each = replace(found, rank=found.rank - 1, is_fresh=False)
    if not found.varies:
        return found.text, each
    axis = "X.T" if found.rank == 1 else f"{write.numpy}.moveaxis(X, 1, 0)"
    return ast.unparse(made(axis, X=found.node)), each


def _with_texts(write: Expressions, source: ast.expr) -> Value | None:
    """A table that is written out with texts in it, ``(("E", 1, 0), ("W", -1, 0))``, or a row of it."""
    if not isinstance(source, ast.Tuple | ast.List):
        return None
    texts = [
        node for node in ast.walk(source) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    if not texts:
        return None
    parts = tuple(
        Value(one, None, is_text=True) if one in texts else _with_texts(write, one) or write.value(one)
        for one in source.elts
    )
    nodes = [part.node for part in parts]
    node = ast.Tuple(nodes, ast.Load()) if isinstance(source, ast.Tuple) else ast.List(nodes, ast.Load())
    return Value(node, None, any(part.varies for part in parts), parts=parts)


def _rows(rows: Sequence[Value]) -> Value:
    """What a row of a table is like that is written out."""
    widths = {len(row.parts) for row in rows if row.parts is not None}
    if len(widths) != 1 or any(row.parts is None for row in rows):
        raise NotAtOnce("a table has rows of different kinds")
    columns = []
    for place in range(widths.pop()):
        column = [row.parts[place] for row in rows if row.parts is not None]
        columns.append(items_of(Value(rows[0].node, None, parts=tuple(column))))
    return Value(rows[0].node, None, any(one.varies for one in columns), parts=tuple(columns))


def held_by(write: Expressions, target: ast.expr, value: Value | None) -> Iterator[tuple[str, Value]]:
    """What the names of a loop's target hold."""
    match target:
        case ast.Name(id=name):
            if value is None:
                value = write.observed_as(target, name)
            yield name, value
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            if value is None:
                parts: list[Value | None] = [None] * len(targets)
            elif value.parts is not None and len(value.parts) == len(targets):
                parts = list(value.parts)
            elif value.rank:
                turned = value.varies  # rows of an array: unpacking goes along the elements then
                if turned:
                    raise NotAtOnce("a loop unpacks what differs between the elements")
                parts = [replace(value, rank=value.rank - 1)] * len(targets)
            elif value.each is not None:
                parts = [value.each] * len(targets)
            else:
                raise NotAtOnce("a loop unpacks what has other parts")
            for one, part in zip(targets, parts, strict=True):
                yield from held_by(write, one, part)
        case _:
            raise NotAtOnce(f"`{ast.unparse(target)}` is a loop's target")


def listed(write: Expressions, node: ast.ListComp) -> Value:
    """A list with an item for each turn of a loop that turns as often for each element."""
    before = dict(write.names)
    loops = []
    try:
        for one in node.generators:
            text, held = iterated(write, one.iter)
            for name, found in held_by(write, one.target, held):
                write.names[name] = found.named(name)
            conditions = [write.condition(test) for test in one.ifs]
            if one.is_async or any(test.varies for test in conditions):
                raise NotAtOnce("a list is longer for some elements")
            ifs = [test.node for test in conditions]
            loops.append(ast.comprehension(one.target, ast.parse(text, mode="eval").body, ifs, 0))
        item = write.value(node.elt)
    finally:
        write.names = before
    if item.parts and item.varies:
        item = replace(stacked(write, item), is_row=True, is_plain=item.is_plain)
    if item.is_list:
        raise NotAtOnce("a list holds lists")
    return Value(
        ast.ListComp(item.node, loops), None, item.varies, each=replace(item, is_fresh=False), is_fresh=True
    )
