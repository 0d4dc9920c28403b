"""Arrays that are put together from others, for all elements at once."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_values import NotAtOnce, Value, items_of, made

ARRAY_OF_EACH = '''
def array_of_each(count, items):
    """The array of some items for each of count elements: items are arrays of all, or the same for all."""
    if isinstance(items, list):
        return {numpy}.stack([array_of_each(count, item) for item in items], axis=1)
    return {numpy}.broadcast_to(items, count)
'''


def for_each(write: Expressions, value: Value) -> Value:
    """A new array that is to be stored into, one for each element."""
    match value.node:
        case ast.Call(func=ast.Attribute(attr=last) | ast.Name(id=last) as func, args=[shape, *more]) if (
            last in ("zeros", "ones", "empty", "full") and write.meaning.full(write.module, func)
        ):
            parts = shape.elts if isinstance(shape, ast.Tuple | ast.List) else [shape]
            whole = ast.Tuple([made(write.count), *parts], ast.Load())
            return replace(value, node=ast.Call(func, [whole, *more], value.node.keywords), varies=True)
    text = f"{write.numpy}.tile(X, ({write.count}{', 1' * (value.rank or 0)}))"
    return replace(value, node=made(text, X=value.node), varies=True)


def stacked(write: Expressions, value: Value) -> Value:
    """What ``np.array`` makes of a list: its items along an axis after that of the elements."""
    if value.is_text:
        raise NotAtOnce(f"`{value.text}` is a text")
    if not value.is_list:
        return value
    if not value.varies:
        rank, inner = 1, value
        while True:
            first = inner.each if inner.each is not None else (inner.parts or (None,))[0]
            if first is None:
                raise NotAtOnce("a list is empty")
            if not first.is_list:
                rank += first.rank or 0
                break
            rank, inner = rank + 1, first
        return Value(made(f"{write.numpy}.array(X)", X=value.node), rank, is_fresh=True, is_plain=True)
    if value.parts is None:
        each = value.each
        if each is None or each.is_list or not each.varies or each.rank is None:
            raise NotAtOnce(f"`{value.text}` is no list of numbers")
        found = made(f"{write.numpy}.stack(X, axis=1)", X=value.node)
        return Value(found, each.rank + 1, True, is_fresh=True)
    parts = [stacked(write, part) for part in value.parts]
    ranks = {part.rank for part in parts}
    if len(ranks) != 1 or None in ranks:
        raise NotAtOnce("a list holds arrays of different kinds")
    leaves = list(_leaves(value))
    is_mixed = any(part.is_list or not part.varies for part in value.parts)
    if write.added is not None and is_mixed and all(leaf.rank == 0 for leaf in leaves):
        text = f"{write.added.definition(ARRAY_OF_EACH)}({write.count}, X)"
        return Value(made(text, X=_written_out(value)), (parts[0].rank or 0) + 1, True, is_fresh=True)
    rank = max(rank for rank in ranks if rank is not None)
    nodes = [_broadcast(write, part, rank) for part in parts]
    text = f"{write.numpy}.stack(X, axis=1)"
    return Value(made(text, X=ast.List(nodes, ast.Load())), rank + 1, True, is_fresh=True)


def _leaves(value: Value) -> Iterator[Value]:
    """What a list that is written out holds, and the lists in it."""
    if value.parts is None:
        yield value
        return
    for part in value.parts:
        yield from _leaves(part)


def _written_out(value: Value) -> ast.expr:
    """A list as it is written out."""
    if value.parts is None:
        return value.node
    return ast.List([_written_out(part) for part in value.parts], ast.Load())


def _broadcast(write: Expressions, part: Value, rank: int) -> ast.expr:
    """An array with an axis for the elements even if it is the same for all of them."""
    if part.varies:
        return part.node
    if rank == 0:
        return made(f"{write.numpy}.full({write.count}, X)", X=part.node)
    return made(f"{write.numpy}.tile(X, ({write.count}{', 1' * rank}))", X=part.node)


def axis_of(options: dict[str | None, ast.expr], arguments: Sequence[ast.expr]) -> int | None:
    """The number of an axis that a call names; None if it names none."""
    rest = {name: one for name, one in options.items() if name != "axis"}
    found = options.get("axis", arguments[0] if arguments else None)
    if rest or len(arguments) > 1:
        raise NotAtOnce("a reduction is given options")
    if found is None:
        return None
    if not isinstance(found, ast.Constant) or not isinstance(found.value, int):
        raise NotAtOnce("an axis is no written number")
    return found.value


def put_together(write: Expressions, node: ast.Call, last: str, options: dict[str | None, ast.expr]) -> Value:
    """``np.vstack([a, b])`` and its like."""
    value = write.value(node.args[0])
    if not value.varies:
        return _same_for_all(node, last, value)
    if last == "block":
        return _block(write, value)
    if value.parts is None:
        raise NotAtOnce("what is put together is not written out")
    parts = [stacked(write, part) for part in value.parts]
    ranks = {part.rank for part in parts}
    if len(ranks) != 1 or None in ranks or 0 in ranks:
        raise NotAtOnce("what is put together has different numbers of axes")
    rank = max(rank for rank in ranks if rank is not None)
    nodes = ast.List([_broadcast(write, part, rank) for part in parts], ast.Load())
    axis = axis_of(options, []) or 0
    if axis < 0:
        axis += rank + (last == "stack")
    if last == "stack" or (rank == 1 and last in ("vstack", "column_stack")):
        place = 2 if last == "column_stack" else axis + 1
        return Value(made(f"{write.numpy}.stack(X, axis={place})", X=nodes), rank + 1, True, is_fresh=True)
    if last in ("hstack", "column_stack"):
        axis = 0 if rank == 1 else 1
    return Value(made(f"{write.numpy}.concatenate(X, axis={axis + 1})", X=nodes), rank, True, is_fresh=True)


def _same_for_all(node: ast.Call, last: str, value: Value) -> Value:
    """What is put together from the same for all elements."""
    rank = items_of(value).rank if value.is_list else None
    if not rank or last == "block":
        raise NotAtOnce(f"`{ast.unparse(node)}` is the same for all elements")
    if last == "stack" or (rank == 1 and last in ("vstack", "column_stack")):
        rank += 1
    return Value(ast.Call(node.func, [value.node], node.keywords), rank, is_fresh=True)


def repeated(write: Expressions, node: ast.Call, last: str, row: Value, times: Value) -> Value:
    """``np.repeat(row, n)`` and ``np.tile(row, n)``, as often for all elements."""
    row = stacked(write, row)
    if row.rank != 1 or times.rank != 0 or times.is_list or times.varies:
        raise NotAtOnce(f"`{ast.unparse(node)}` is not known to work on all elements at once")
    if not row.varies:
        return Value(ast.Call(node.func, [row.node, times.node], []), 1, is_fresh=True)
    text = "F(X, N, axis=1)" if last == "repeat" else "F(X, (1, N))"
    return Value(made(text, F=node.func, X=row.node, N=times.node), 1, True, is_fresh=True)


def grid(write: Expressions, node: ast.Call, indexing: ast.expr | None) -> Value:
    """``rows, columns = np.meshgrid(dofs, dofs)``"""
    rows, columns = (stacked(write, write.value(one)) for one in node.args)
    if rows.rank != 1 or columns.rank != 1 or not (rows.varies and columns.varies):
        raise NotAtOnce(f"`{ast.unparse(node)}` is not known to work on all elements at once")
    match indexing:
        case None | ast.Constant(value="xy"):
            along = ("A[:, None, :]", 1), ("B[:, :, None]", 2)
        case ast.Constant(value="ij"):
            along = ("A[:, :, None]", 2), ("B[:, None, :]", 1)
        case _:
            raise NotAtOnce(f"`{ast.unparse(node)}` is not known to work on all elements at once")
    parts = []
    for (text, axis), other in zip(along, (columns, rows), strict=True):
        repeated = made(
            f"{write.numpy}.repeat({text}, N.shape[1], axis={axis})",
            A=rows.node,
            B=columns.node,
            N=other.node,
        )
        parts.append(Value(repeated, 2, True, is_fresh=True))
    return Value(ast.Tuple([part.node for part in parts], ast.Load()), None, True, parts=tuple(parts))


def _block(write: Expressions, value: Value) -> Value:
    """``np.block([[A, B], [C, D]])`` of matrices."""
    if value.parts is None or not all(row.parts for row in value.parts):
        raise NotAtOnce("blocks are not written out")
    rows = []
    for row in value.parts:
        assert row.parts is not None
        if any(part.rank != 2 for part in row.parts):
            raise NotAtOnce("blocks are no matrices")
        nodes = ast.List([_broadcast(write, part, 2) for part in row.parts], ast.Load())
        rows.append(made(f"{write.numpy}.concatenate(X, axis=2)", X=nodes))
    text = f"{write.numpy}.concatenate(X, axis=1)"
    return Value(made(text, X=ast.List(rows, ast.Load())), 2, True, is_fresh=True)
