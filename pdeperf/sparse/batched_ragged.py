"""Lists that are longer for some elements than for others: neighbours, faces, unknowns that are there."""

import ast
from collections.abc import Sequence
from dataclasses import replace

from pdeperf.sparse.batched_bindings import Bindings
from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_values import NotAtOnce, Value, items_of, joined, made


def grow(block: Bindings, name: str, items: Sequence[ast.expr], mask: str) -> None:
    """``items.append(x)`` for the elements of a condition."""
    for item in items:
        found = _of_each(block.write, block.write.value(item))
        make_ragged(block, name)
        known = block.write.names[name]
        kept = block.kept(found)
        block.line(f"{name}.append(({kept.text}, {mask or 'True'}))")
        block.write.names[name] = joined(known, replace(known, ragged=found, varies=True))


def make_ragged(block: Bindings, name: str) -> None:
    """From here on, what is in a list stands beside those elements for which it is there."""
    known = block.write.names[name]
    if known.ragged is not None:
        return
    item = Value(ast.Name("item", ast.Load()), 0, True, parts=())
    if known.parts != ():
        each = items_of(known)
        if each.rank != 0 or each.is_list or each.is_text:
            raise NotAtOnce(f"`{name}` grows")
        item = _of_each(block.write, replace(each, node=ast.Name("item", ast.Load())))
        block.line(f"{name} = [({item.text}, True) for item in {name}]")
    block.write.names[name] = replace(known, parts=None, each=None, ragged=item, varies=True)


def _of_each(write: Expressions, item: Value) -> Value:
    """A number, or a tuple of numbers, of each element."""
    if item.parts is not None:
        parts = tuple(_of_each(write, part) for part in item.parts)
        if any(part.is_list for part in parts):
            raise NotAtOnce("a list of lists grows")
        node = ast.Tuple([part.node for part in parts], ast.Load())
        return replace(item, node=node, parts=parts, varies=True, is_fresh=False)
    if item.rank != 0 or item.is_list or item.is_text or item.objects is not None:
        raise NotAtOnce("a list grows by more than numbers on a condition")
    if not item.varies:
        item = replace(item, node=made(f"{write.numpy}.full({write.count}, X)", X=item.node), varies=True)
    return replace(item, is_fresh=False)


def length_of(write: Expressions, items: Value) -> Value:
    """``len(neighbours)``, which differs between the elements."""
    start = f"{write.numpy}.zeros({write.count}, int)"
    return Value(made(f"sum((there for _, there in X), {start})", X=items.node), 0, True, is_plain=True)


def ragged_in(write: Expressions, source: ast.expr) -> Value | None:
    """What a loop goes over if that is a list which is longer for some elements; None of all else."""
    found = None
    if isinstance(source, ast.Name):
        found = write.names.get(source.id)
    elif isinstance(source, ast.Call) and write.meaning.called(write.module, source):
        found = write.value(source)
    if found is None or found.ragged is None:
        return None
    if found.ragged.parts == ():
        raise NotAtOnce("a list is empty")
    return found
