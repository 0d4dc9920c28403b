"""Dicts and lists of arrays: written out by a run, or there before it, ``{"rho": rho, "mx": rho * u}``.

A run computes with the arrays in them. What a region binds anew is taken out where a run begins, and put
together again where it ends: ``rho_of_u, mx_of_u = u["rho"], u["mx"]``.
"""

import ast
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.kept_text import called_from, kept_trees
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, runs_of
from pdeperf.arrays.values import Several, Value
from pdeperf.source.flow import writes

DICT = "{{{}}}"
"""How a dict is written, its entries in place of the braces inside."""
_MOST = 16
_TAKING = frozenset(("pop", "popitem", "clear", "remove"))
_ADDING = frozenset("update pop popitem clear setdefault __setitem__ __delitem__ __dict__ fromkeys".split())
_CHANGING = frozenset("update pop popitem clear setdefault append extend insert remove reverse sort".split())


@dataclass(frozen=True, slots=True)
class Contents:
    """The arrays of a dict or a list, as it always was.

    Attributes
    ----------
    keys
        Its keys, or its places.
    arrays
        Type and shape of each.
    """

    keys: tuple[str | int, ...]
    arrays: tuple[tuple[str, list[int]], ...]

    @property
    def is_dict(self) -> bool:
        """Are they a dict's?"""
        return isinstance(self.keys[0], str)

    def check(self, name: str) -> str:
        """What shows that a name stands for such a dict or list."""
        if self.is_dict:
            return f"type({name}) is dict and list({name}) == {list(self.keys)}"
        return f"type({name}) in (list, tuple) and len({name}) == {len(self.keys)}"


def contents(node: ast.expr, names: Names) -> Contents | None:
    """The arrays that a name's or a path's dict or list always had; None for anything else."""
    seen = names.look(node)
    keys = seen.keys if seen is not None else ()
    if not 1 < len(keys) <= _MOST or len({type(key) for key in keys}) > 1:
        return None
    if isinstance(keys[0], int):
        known = names.arrays_in(node, len(keys))
        return Contents(keys, ((known[0], known[2]),) * len(keys)) if known is not None else None
    if (known := names.arrays_of(node, "{}")) is not None:
        return Contents(keys, ((known[0], known[2]),) * len(keys))
    arrays: list[tuple[str, list[int]]] = []
    for key in keys:
        entry = names.look(entry_of(node, key))
        if entry is None or not entry.kind.is_array or not entry.shape or min(entry.shape) < 0:
            return None
        arrays.append((entry.kind.dtype, list(entry.shape)))
    return Contents(keys, tuple(arrays))


def held(node: ast.Attribute, names: Names, look: Callable[[ast.expr], Value | None]) -> Several | None:
    """The arrays of the dict that an object has all the while; None for anything else."""
    path, known = ast.unparse(node), contents(node, names)
    if known is None or not known.is_dict or not names.is_settled(path):
        return None
    parts = [look(entry_of(node, key)) for key in known.keys]
    if any(part is None for part in parts):
        return None
    names.opened.setdefault(path, (known.keys, ()))
    names.opened_checks[known.check(path)] = None
    return Several(tuple(part for part in parts if part is not None), DICT, tuple(map(str, known.keys)))


def entry_of(node: ast.expr, key: str | int) -> ast.expr:
    """``u["rho"]``."""
    return ast.Subscript(value=node, slice=ast.Constant(value=key), ctx=ast.Load())


def is_mapping(value: Value | None) -> bool:
    """Is it a dict that a run has made or taken apart?"""
    return isinstance(value, Several) and value.made == DICT


def keys_of(value: Several) -> tuple[str | int, ...]:
    """Its keys, or its places."""
    return value.fields if value.made == DICT else tuple(range(len(value.parts)))


def entry(value: Value | None, key: object) -> Value | None:
    """What a dict has at a key; None for anything that is no dict.

    Raises
    ------
    Unliftable
        If it has no such key.
    """
    if not isinstance(value, Several) or value.made != DICT or not isinstance(key, str):
        return None
    if key not in value.fields:
        raise Unliftable(f"a dict without {key!r}")
    return value.parts[value.fields.index(key)]


def with_entry(value: Several, key: ast.expr | None, part: Value) -> Several:
    """A dict with another value at a key.

    Raises
    ------
    Unliftable
        If the key is no text.
    """
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        raise Unliftable("a dict with keys that are no texts")
    parts = dict(zip(value.fields, value.parts, strict=True)) | {key.value: part}
    return Several(tuple(parts.values()), DICT, tuple(parts))


def written(
    node: ast.Dict, read: Callable[[ast.expr], Value], look: Callable[[ast.expr], Value | None]
) -> Several:
    """The dict that a literal makes, ``{**state, "t": t}`` among them.

    Raises
    ------
    Unliftable
        If its keys are no texts.
    """
    made = Several((), DICT, ())
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            other = look(value)
            if not isinstance(other, Several) or other.made != DICT:
                raise Unliftable("a dict made of what is not known")
            for name, part in zip(other.fields, other.parts, strict=True):
                made = with_entry(made, ast.Constant(value=name), part)
        else:
            made = with_entry(made, key, read(value))
    return made


def with_keywords_written_out(call: ast.Call, look: Callable[[ast.expr], Value | None]) -> ast.Call:
    """``State(**new)`` with the dict's entries as keywords, if it is one that a run has made."""
    keywords: list[ast.keyword] = []
    for key in call.keywords:
        value = look(key.value) if key.arg is None else None
        if isinstance(value, Several) and value.made == DICT:
            keywords += [ast.keyword(name, entry_of(key.value, name)) for name in value.fields]
        else:
            keywords.append(key)
    made = ast.copy_location(ast.Call(call.func, call.args, keywords), call)
    return ast.fix_missing_locations(made)


class KeysWritten(ast.NodeTransformer):
    """Writes out what a loop over a dict goes over: ``for k, q in u.items()``.

    Parameters
    ----------
    look
        What a name stands for.
    fields
        The fields of a class of records that a name stands for; none for anything else.
    """

    def __init__(
        self, look: Callable[[ast.expr], Value | None], fields: Callable[[ast.expr], Sequence[str]]
    ) -> None:
        self._look, self._fields = look, fields

    def of(self, node: ast.expr) -> ast.expr:
        """The same, written out if it is over a dict."""
        found = self.visit(copy.deepcopy(node))
        assert isinstance(found, ast.expr)
        return ast.fix_missing_locations(found)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._written(node, "keys") or node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if node.attr == "_fields" and (fields := self._fields(node.value)):
            names: list[ast.expr] = [ast.Constant(value=name) for name in fields]
            return ast.Tuple(elts=names, ctx=ast.Load())
        return self._written(node, "keys") or node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Name() | ast.Attribute() as home, attr="keys" | "values" | "items" as kind
                ),
                args=[],
            ) if not node.keywords and (found := self._written(home, kind)) is not None:
                return found
            case ast.Call(func=ast.Attribute()):
                return node
        node.args = [self.visit(each) for each in node.args]
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        return node

    def _written(self, home: ast.expr, kind: str) -> ast.Tuple | None:
        value = self._look(home)
        if not isinstance(value, Several) or value.made != DICT:
            return None
        parts: list[ast.expr] = []
        for key in value.fields:
            both: list[ast.expr] = [ast.Constant(value=key), entry_of(home, key)]
            pair = ast.Tuple(elts=both, ctx=ast.Load())
            parts.append({"keys": both[0], "values": both[1]}.get(kind, pair))
        return ast.Tuple(elts=parts, ctx=ast.Load())


def refuse_changed(items: Sequence[Item], names: Names) -> None:
    """See to it that only what is computed here gives the opened dicts and lists other arrays.

    Raises
    ------
    Unliftable
        If other code may change them, or they have other keys at times.
    """
    if not names.opened:
        return
    lifted = {id(part) for run in runs_of(items) for part in (*run.statements, *run.reduced)}
    trees = [tree for tree in kept_trees(items) if id(tree) not in lifted | names.own_text]
    functions = list(called_from(trees, names))
    is_taken = any(map(_takes_away, (*trees, *functions)))
    for name, (keys, own) in names.opened.items():
        if not name.isidentifier():
            if any(_may_have_other_keys(tree, name, keys) for tree in (*trees, *functions)):
                raise Unliftable(f"`{name}` may get other entries")
            continue
        if any(each != keys for each in names.put_together.get(name, ())):
            raise Unliftable(f"`{name}` has other entries at times")
        # What is taken apart again in each turn is looked at there; only shorter it must not be.
        bound = is_taken or any(name in writes(tree) for tree in trees)
        if bound if own else _changes(trees, name, functions):
            raise Unliftable(f"`{name}` may become another dict or list")


def _may_have_other_keys(tree: ast.AST, path: str, keys: Sequence[str | int]) -> bool:
    """May some code bind an object's dict, hand it over, or give a dict like it an entry at another key?"""
    last = path.rpartition(".")[2]
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attr) if attr in _ADDING:
                return True
            case ast.Delete():
                return True
            case ast.Subscript(slice=ast.Constant(value=str(key)), ctx=ast.Store()) if key not in keys:
                return True
            case ast.Attribute(attr=attr) if attr == last:
                above = parents.get(id(node))
                if not isinstance(above, ast.Subscript) or above.value is not node:
                    return True
                if not isinstance(above.ctx, ast.Load) and not isinstance(above.slice, ast.Constant):
                    return True
    return False


def _takes_away(tree: ast.AST) -> bool:
    """Does some code take anything out of a dict or a list?"""
    return any(
        isinstance(node, ast.Delete) or (isinstance(node, ast.Attribute) and node.attr in _TAKING)
        for node in ast.walk(tree)
    )


def _changes(trees: Sequence[ast.AST], name: str, functions: Sequence[ast.FunctionDef]) -> bool:
    """May what still runs as it was written change what a name's dict or list has, or bind it?"""
    for tree in trees:
        parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Name) or node.id != name:
                continue
            above = parents.get(id(node))
            match above:
                case ast.Subscript(value=value, ctx=ast.Load()) if value is node:
                    continue
                case ast.Call(func=func) if func is not node and not _may_change(functions):
                    continue
            return True
    return False


def _may_change(functions: Sequence[ast.FunctionDef]) -> bool:
    """Is there a function that changes a dict or a list, whoever's it is?"""
    for function in functions:
        for node in ast.walk(function):
            match node:
                case ast.Attribute(attr=attr) if attr in _CHANGING:
                    return True
                case ast.Subscript(slice=ast.Constant() | ast.Name(), ctx=ast.Store() | ast.Del()):
                    return True
    return False
