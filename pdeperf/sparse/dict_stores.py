"""Dicts of numbers that the turns of a loop set and add to: ``A[i, j] = A.get((i, j), 0) + v``."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.batched_values import NotAtOnce

if TYPE_CHECKING:
    from pdeperf.sparse.batched_stores import LoopStatements

ADD_TO_ENTRIES = '''
def add_to_entries(entries, keys, values):
    """Adds values to the entries of a dict, in their order. A key is one number or several."""
    if not values.size:
        return
    places = [part - part.min() for part in keys]
    sizes = [int(part.max()) + 1 for part in places]
    if any(part.dtype.kind not in "iu" for part in keys) or {numpy}.prod(sizes, dtype=float) > 2**62:
        keys = zip(*(part.tolist() for part in keys)) if len(keys) > 1 else keys[0].tolist()
        for key, value in zip(keys, list(values)):
            entries[key] = entries.get(key, 0) + value
        return
    key = {numpy}.ravel_multi_index(places, sizes)
    first, which = {numpy}.unique(key, return_index=True, return_inverse=True)[1:]
    order = {numpy}.argsort(first)
    keys = [part[first[order]].tolist() for part in keys]
    keys = list(zip(*keys)) if len(keys) > 1 else keys[0]
    before = [entries.get(key, 0) for key in keys] if entries else {numpy}.zeros(len(keys), values.dtype)
    sums = {numpy}.array(before)
    sums = sums.astype({numpy}.result_type(sums, values), copy=False)
    {numpy}.add.at(sums, {numpy}.argsort(order)[which], values)
    entries.update(zip(keys, list(sums)))
'''

SET_ENTRIES = '''
def set_entries(entries, keys, values):
    """Sets entries of a dict, in order. A key is one whole number or several."""
    pairs = zip(*(part.tolist() for part in keys)) if len(keys) > 1 else keys[0].tolist()
    entries.update(zip(pairs, list(values)))
'''

_KINDS = ("dict", "collections.defaultdict")
_ZEROS = ("builtins.float", "builtins.int", "builtins.complex")


@dataclass(slots=True)
class DictStores:
    """What the turns store into one dict.

    Attributes
    ----------
    name
        What gathers the stores.
    adds
        They add to the entries.
    axes
        How many numbers make a key.
    is_plain
        All values are Python's own numbers.
    """

    name: str
    adds: bool
    axes: int
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class _Act:
    """One statement: what it does to which entry."""

    base: ast.expr
    key: ast.expr
    value: ast.expr
    adds: bool


def is_dict(meaning: Meaning, module: Module, at: ast.stmt, path: str) -> bool:
    """Was a dict seen under a path?"""
    seen = meaning.values(module, at, path, "type")
    return bool(seen) and all(kind in _KINDS for kind in seen)


def stored_into_dict(block: "LoopStatements", statement: ast.stmt, mask: str) -> bool:
    """Write a store into a dict that others made; is it one?"""
    write = block.write
    act = _act(write.meaning, write.module, statement)
    if act is None:
        return False
    path = ast.unparse(act.base)
    loop = [above for above in write.module.ancestors(statement) if isinstance(above, ast.For)][-1]
    if path.partition(".")[0] in {*write.own, *write.names} or not is_dict(
        write.meaning, write.module, loop, path
    ):
        return False
    known = block.dicts.get(path)
    if known is None:
        _check_alone(write.meaning, write.module, loop, path)
    parts = _key(block, act.key)
    value = block.settled(write.number(act.value))
    if known is None:
        name = block.fresh(f"{path.rpartition('.')[2]}_stores")
        known = block.dicts[path] = DictStores(name, act.adds, len(parts))
    if (known.adds, known.axes) != (act.adds, len(parts)):
        raise NotAtOnce(f"`{path}` is both set and added to")
    known.is_plain &= value.is_plain
    block.line(f"{known.name}.append(({', '.join([*parts, value.text, mask or 'True'])}))")
    return True


def dicts_stored(block: "LoopStatements", in_order: str) -> Iterator[str]:
    """The lines that put what was gathered into the dicts."""
    for path, known in block.dicts.items():
        keys, values = block.fresh("keys"), block.fresh("values")
        text = ADD_TO_ENTRIES if known.adds else SET_ENTRIES
        if known.is_plain:
            text = text.replace("list(sums)", "sums.tolist()").replace("list(values)", "values.tolist()")
        function = block.added.definition(text)
        yield f"*{keys}, {values} = {in_order}({block.write.count}, {known.name}, {known.axes + 1})"
        yield f"{function}({path}, {keys}, {values})"


def _key(block: "LoopStatements", key: ast.expr) -> list[str]:
    """The numbers that make a key."""
    found = block.write.value(key)
    if found.parts is None:
        parts = [block.write.number(key)]
    elif isinstance(key, ast.Tuple):
        parts = [block.write.number(one) for one in key.elts]
    else:
        parts = [block.write.number(ast.Subscript(key, ast.Constant(at))) for at in range(len(found.parts))]
    if not parts or any(one.is_truth for one in parts):
        raise NotAtOnce(f"`{ast.unparse(key)}` is no key of numbers")
    return [block.settled(one).text for one in parts]


def _check_alone(meaning: Meaning, module: Module, loop: ast.For, path: str) -> None:
    """All that the loop does with a dict is to store, and no other dict of the loop may be the same one."""
    acts = [
        (node, act)
        for node in ast.walk(loop)
        if isinstance(node, ast.stmt) and (act := _act(meaning, module, node)) is not None
    ]
    within = {id(inner) for node, act in acts if ast.unparse(act.base) == path for inner in ast.walk(node)}
    others = set[str]()
    for node in ast.walk(loop):
        if isinstance(node, ast.Name | ast.Attribute):
            text = ast.unparse(node)
            if text == path and id(node) not in within:
                raise NotAtOnce(f"`{path}` is read in the loop")
            if text != path and is_dict(meaning, module, loop, text):
                others.add(text)
    if others and not _is_own(meaning, module, loop, path):
        raise NotAtOnce(f"`{path}` and `{min(others)}` may be one dict")


def _is_own(meaning: Meaning, module: Module, loop: ast.For, path: str) -> bool:
    """Is it made under this name, and never given another?"""
    home = meaning.home(module, loop)
    if not path.isidentifier() or not all(
        _is_new(meaning, module, one) for one in _bindings(module, home, path)
    ):
        return False
    for node in ast.walk(home):
        if isinstance(node, ast.Name) and node.id == path and isinstance(node.ctx, ast.Load):
            above = module.parents.get(node)
            is_looked_up = isinstance(above, ast.Subscript | ast.Attribute) and above.value is node
            is_asked = isinstance(above, ast.Compare)
            if not is_looked_up and not is_asked and getattr(node, "lineno", 0) < loop.lineno:
                return False
    return True


def _bindings(module: Module, home: ast.AST, path: str) -> list[ast.expr | None]:
    """What a name is bound to; None for what is no plain assignment."""
    found: list[ast.expr | None] = []
    for node in own_nodes(home):
        if isinstance(node, ast.Name) and node.id == path and not isinstance(node.ctx, ast.Load):
            above = module.parents.get(node)
            plain = isinstance(above, ast.Assign | ast.AnnAssign)
            found.append(above.value if plain else None)  # type: ignore[union-attr]
    return found or [None]


def _is_new(meaning: Meaning, module: Module, value: ast.expr | None) -> bool:
    match value:
        case ast.Dict(keys=[]):
            return True
        case ast.Call(func=func):
            return meaning.full(module, func) in ("builtins.dict", "collections.defaultdict")
    return False


def _begins_with_nothing(meaning: Meaning, module: Module, path: str) -> bool:
    """Is every binding of a path a dict that gives zero for what it does not hold?"""
    found: list[ast.expr | None] = []
    for node in ast.walk(module.tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                found += [value for one in targets if ast.unparse(one) == path]
            case ast.AnnAssign(target=target, value=value) if ast.unparse(target) == path:
                found.append(value)
            case ast.arg(arg=name) if name == path:
                return False
    return bool(found) and all(_gives_zero(meaning, module, one) for one in found)


def _gives_zero(meaning: Meaning, module: Module, value: ast.expr | None) -> bool:
    match value:
        case ast.Call(func=func, args=[factory], keywords=[]):
            if meaning.full(module, func) != "collections.defaultdict":
                return False
            if isinstance(factory, ast.Lambda):
                return _is_zero(factory.body)
            return meaning.full(module, factory) in _ZEROS
    return False


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0 and not isinstance(node.value, bool)


def _act(meaning: Meaning, module: Module, statement: ast.stmt) -> _Act | None:
    """What a statement stores into an entry, ``A[key]``; None of any other."""
    found: _Act | None
    match statement:
        case ast.Assign(targets=[ast.Subscript(value=base, slice=key)], value=value):
            found = _summed(base, key, value) or _Act(base, key, value, adds=False)
        case ast.AugAssign(target=ast.Subscript(value=base, slice=key), op=ast.Add() | ast.Sub() as op):
            if not _is_there(module, statement, base, key) and not _begins_with_nothing(
                meaning, module, ast.unparse(base)
            ):
                return None
            found = _Act(base, key, _signed(op, statement.value), adds=True)
        case ast.If(test=ast.Compare(left=key, ops=[op], comparators=[base])):
            found = _told_apart(statement, base, key, is_in=isinstance(op, ast.In))
            found = found if isinstance(op, ast.In | ast.NotIn) else None
        case ast.Try(body=[first], handlers=[ast.ExceptHandler(type=ast.Name("KeyError"), body=[other])]):
            found = _added_or_set(first, other) if not (statement.orelse or statement.finalbody) else None
        case ast.Expr(value=ast.Call(func=ast.Attribute(base, "setdefault"), args=[key, zero], keywords=[])):
            if not _is_zero(zero):
                return None
            found = _Act(base, key, zero, adds=True)
        case _:
            return None
    if (
        found is None
        or not isinstance(found.base, ast.Name | ast.Attribute)
        or isinstance(found.key, ast.Slice)
    ):
        return None
    path = ast.unparse(found.base)
    inside = [*ast.walk(found.value), *ast.walk(found.key)]
    known = any(isinstance(one, ast.Name | ast.Attribute) and ast.unparse(one) == path for one in inside)
    return None if known else found


def _summed(base: ast.expr, key: ast.expr, value: ast.expr) -> _Act | None:
    """``A[key] = A.get(key, 0) + value``"""
    match value:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right) if _is_got(left, base, key):
            return _Act(base, key, _signed(op, right), adds=True)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _is_got(right, base, key):
            return _Act(base, key, left, adds=True)
    return None


def _is_got(node: ast.expr, base: ast.expr, key: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(known, "get"), args=[asked, zero], keywords=[]):
            return _same(known, base) and _same(asked, key) and _is_zero(zero)
    return False


def _same(one: ast.expr, other: ast.expr) -> bool:
    return ast.unparse(one).strip("()") == ast.unparse(other).strip("()")


def _signed(op: ast.operator, value: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), value) if isinstance(op, ast.Sub) else value


def _told_apart(statement: ast.If, base: ast.expr, key: ast.expr, *, is_in: bool) -> _Act | None:
    """``if key in A: A[key] += v``, ``else: A[key] = v``; or ``if key not in A: A[key] = 0``."""
    added, new = (statement.body, statement.orelse) if is_in else (statement.orelse, statement.body)
    match added, new:
        case [first], [other]:
            found = _added_or_set(first, other)
        case [], [ast.Assign(targets=[ast.Subscript(value=known, slice=asked)], value=zero)] if _is_zero(
            zero
        ):
            found = _Act(known, asked, zero, adds=True)
        case _:
            return None
    return found if found is not None and _same(found.base, base) and _same(found.key, key) else None


def _added_or_set(first: ast.stmt, other: ast.stmt) -> _Act | None:
    """``A[key] += value`` where there is one, ``A[key] = value`` where there is none."""
    match first, other:
        case (
            ast.AugAssign(
                target=ast.Subscript(value=base, slice=key), op=ast.Add() | ast.Sub() as op, value=value
            ),
            ast.Assign(targets=[ast.Subscript(value=known, slice=asked)], value=new),
        ):
            value = _signed(op, value)
            if _same(base, known) and _same(key, asked) and ast.unparse(value) == ast.unparse(new):
                return _Act(base, key, value, adds=True)
    return None


def _is_there(module: Module, statement: ast.stmt, base: ast.expr, key: ast.expr) -> bool:
    """Has the statement before it made the entry, if it was not there: ``A.setdefault(key, 0)``?"""
    block = next(
        (
            one
            for _, one in ast.iter_fields(module.parents[statement])
            if isinstance(one, list) and statement in one
        ),
        [statement],
    )
    before = block[block.index(statement) - 1] if block.index(statement) else None
    match before:
        case ast.If(test=ast.Compare(left=asked, ops=[ast.NotIn()], comparators=[known]), orelse=[]):
            found = _told_apart(before, known, asked, is_in=False)
        case ast.Expr(value=ast.Call(func=ast.Attribute(known, "setdefault"), args=[asked, zero])):
            found = _Act(known, asked, zero, adds=True) if _is_zero(zero) else None
        case _:
            return False
    return found is not None and _same(found.base, base) and _same(found.key, key)
