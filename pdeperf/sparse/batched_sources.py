"""What a loop goes over, as arrays with its elements along the first axis."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_gathered import OF_EACH
from pdeperf.sparse.batched_objects import kind_of_objects, objects
from pdeperf.sparse.batched_statements import Statements
from pdeperf.sparse.batched_texts import are_texts, texts_of_each
from pdeperf.sparse.batched_values import NotAtOnce, Value, made
from pdeperf.sparse.written import Additions

Held = list[tuple[ast.expr, Value]]


def elements_of(block: Statements, added: Additions, source: ast.expr, target: ast.expr) -> tuple[str, Held]:
    """The number of elements, as an expression, and what the targets hold of all of them."""
    write = block.write
    if isinstance(source, ast.Call) and not source.keywords:
        name = write.meaning.full(write.module, source.func)
        match target:
            case ast.Tuple(elts=targets):
                pass
            case _:
                targets = []
        if name == "builtins.enumerate" and len(source.args) == 1 and len(targets) == 2:
            size, held = elements_of(block, added, source.args[0], targets[1])
            counter = Value(made(f"{write.numpy}.arange({size})"), 0, True, is_plain=True)
            return size, [(targets[0], counter), *held]
        if name == "builtins.zip" and len(source.args) == len(targets) > 0:
            found = [
                elements_of(block, added, one, into) for one, into in zip(source.args, targets, strict=True)
            ]
            size = f"min({', '.join(size for size, _ in found)})" if len(found) > 1 else found[0][0]
            parts = [
                (into, replace(value, node=made(f"X[:{size}]", X=value.node)))
                for _, held in found
                for into, value in held
            ]
            return size, parts
        if isinstance(source.func, ast.Attribute) and source.func.attr == "items" and len(targets) == 2:
            return _of_dict(block, added, source.func.value, targets)
    if isinstance(source, ast.Name | ast.Attribute) and isinstance(target, ast.Name):
        text = ast.unparse(source)
        loop = next(above for above in write.module.ancestors(target) if isinstance(above, ast.For))
        is_own = text.partition(".")[0] in {*write.own, *write.names} or text in write.stored
        if not is_own and (kind := kind_of_objects(write, text)):
            if loop.iter is not source and not _is_counted_off(write, loop.iter):
                raise NotAtOnce("objects are gone through beside something else")
            return f"len({text})", [(target, objects(block, added, source, target.id, loop.body, kind))]
    if isinstance(source, ast.Name | ast.Attribute) and isinstance(target, ast.Tuple | ast.List):
        text = ast.unparse(source)
        is_own = text.partition(".")[0] in {*write.own, *write.names} or text in write.stored
        if not is_own and _is_table_with_texts(write, text, len(target.elts)):
            return f"len({text})", list(_columns(block, added, text, target.elts))
    if isinstance(source, ast.Name | ast.Attribute) and isinstance(target, ast.Name):
        text = ast.unparse(source)
        if text.partition(".")[0] not in {*write.own, *write.names} and are_texts(write, text):
            return f"len({text})", [(target, texts_of_each(write, text))]
    if isinstance(source, ast.Name | ast.Attribute) and write.seen(ast.unparse(source), "type") == {"range"}:
        text = ast.unparse(source)
        if text.partition(".")[0] in {*write.own, *write.names} or text in write.stored:
            raise NotAtOnce("the loop goes over what it makes itself")
        counted = made(f"{write.numpy}.arange({text}.start, {text}.stop, {text}.step)")
        return f"len({text})", [(target, Value(counted, 0, True, is_plain=True))]
    found_value = write.value(source)
    if found_value.varies:
        raise NotAtOnce("the loop goes over what it makes itself")
    text = ast.unparse(source)
    if not found_value.is_list:
        if not found_value.rank or not isinstance(source, ast.Name | ast.Attribute):
            raise NotAtOnce("the loop goes over no array")
        return f"len({text})", [(target, replace(found_value, rank=found_value.rank - 1, varies=True))]
    if found_value.each is None:
        raise NotAtOnce("the loop goes over what is written out")
    if isinstance(source, ast.Name | ast.Attribute):
        return f"len({text})", list(_of_list(block, added, found_value, text, target))
    raise NotAtOnce("the loop goes over what a call gives")


def _is_table_with_texts(write: Expressions, text: str, width: int) -> bool:
    """Is it a list of rows of so many numbers and texts?"""
    tables, rows = write.seen(text, "type"), write.seen(f"{text}[]", "type")
    are_lists = (one.startswith(("list", "tuple")) for one in (*tables, *rows))
    widths = {int(float(one)) for one in write.seen(f"{text}[]", "length")}
    has_texts = "str" in write.seen(f"{text}[][]", "type")
    return bool(tables and rows) and all(are_lists) and widths == {width} and has_texts


def _is_counted_off(write: Expressions, source: ast.expr) -> bool:
    is_call = isinstance(source, ast.Call)
    return is_call and write.meaning.full(write.module, source.func) == "builtins.enumerate"  # type: ignore[attr-defined]


def _of_list(
    block: Statements, added: Additions, value: Value, text: str, target: ast.expr
) -> Iterator[tuple[ast.expr, Value]]:
    write = block.write
    assert value.each is not None
    if not value.each.is_list:
        kind = _kind(write, [f"{text}[]"])
        yield target, Value(_numbers(write, added, text, kind), 0, True, is_plain=True)
        return
    if value.each.each is None or value.each.each.is_list:
        raise NotAtOnce(f"`{text}` is deeper than a table")
    widths = write.seen(f"{text}[]", "length")
    if len(widths) != 1:
        raise NotAtOnce(f"the rows of `{text}` differ in length")
    width = int(float(next(iter(widths))))
    if isinstance(target, ast.Tuple | ast.List) and len(target.elts) == width:
        kinds = write.seen(f"{text}[][]", "type")
        if any(one.startswith("int") for one in kinds) and any(one.startswith("float") for one in kinds):
            yield from _columns(block, added, text, target.elts)
            return
    kind = _kind(write, [f"{text}[][]"])
    node = made(f"{added.definition(OF_EACH)}({text}, ({width},), {kind})")
    yield target, Value(node, 1, True, is_plain=True, is_fresh=True, is_row=True)


def _columns(
    block: Statements, added: Additions, text: str, targets: list[ast.expr]
) -> Iterator[tuple[ast.expr, Value]]:
    """Rows of numbers of several kinds, and of texts, each kind in a column of its own."""
    function = added.definition(OF_EACH)
    for place, target in enumerate(targets):
        if not isinstance(target, ast.Name):
            raise NotAtOnce("rows are unpacked in other ways")
        items = f"[row[{place}] for row in {text}]"
        if block.write.seen(target.id, "type") == {"str"}:
            yield target, texts_of_each(block.write, items)
            continue
        kind = _kind(block.write, [target.id])
        yield target, Value(made(f"{function}({items}, (), {kind})"), 0, True, is_plain=True)


def _kind(write: Expressions, texts: list[str]) -> str:
    kinds = {kind for text in texts for kind in write.seen(text, "type")}
    if kinds and all(kind.startswith(("int", "numpy.int")) for kind in kinds):
        return "int"
    if kinds and all(kind.startswith(("float", "numpy.float64")) for kind in kinds):
        return "float"
    raise NotAtOnce(f"`{texts[0]}` holds numbers of different kinds")


def _numbers(write: Expressions, added: Additions, text: str, kind: str) -> ast.expr:
    """A list of numbers as an array; where whole numbers were seen, fractions are refused and not cut off."""
    if kind == "int":
        return made(f"{added.definition(OF_EACH)}({text}, (), int)")
    return made(f"{write.numpy}.array({text}, dtype={kind})")


def _of_dict(
    block: Statements, added: Additions, base: ast.expr, targets: list[ast.expr]
) -> tuple[str, Held]:
    """Keys and values of a dict whose loop was seen to give numbers."""
    write = block.write
    text = ast.unparse(base)
    if write.seen(text, "type") != {"dict"} or text.partition(".")[0] in write.own:
        raise NotAtOnce(f"`{text}` is no dict")
    held: Held = []
    for target, method in zip(targets, ("keys", "values"), strict=True):
        items = f"list({text}.{method}())"
        match target:
            case ast.Name(id=name):
                kind = _kind(write, [name])
                held.append((target, Value(_numbers(write, added, items, kind), 0, True, is_plain=True)))
            case ast.Tuple(elts=parts) if all(isinstance(part, ast.Name) for part in parts):
                kind = _kind(write, [ast.unparse(part) for part in parts])
                node = made(f"{added.definition(OF_EACH)}({items}, ({len(parts)},), {kind})")
                held.append((target, Value(node, 1, True, is_plain=True)))
            case _:
                raise NotAtOnce("a dict is unpacked in other ways")
    return f"len({text})", held
