"""Entries of dicts that a region binds to new arrays: names stand for them until the region has run."""

import ast
from collections.abc import Collection, Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.entries import is_kept
from pdeperf.arrays.kept_text import called_from, kept_trees
from pdeperf.arrays.lifting.contents import refuse_changed
from pdeperf.arrays.lifting.reduce import replaced
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_entry, place_of
from pdeperf.arrays.program import Item, runs_of
from pdeperf.arrays.sizes import Sizes

_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom, ast.Raise, ast.Try, ast.Await)


def with_names(statement: ast.stmt, names: Names, sizes: Sizes, *, has_blocks: bool = False) -> ast.stmt:
    """A statement that reads such entries with the names that stand for them.

    Parameters
    ----------
    has_blocks
        Only its head is changed.
    """
    found: dict[int, str] = {}
    blocks = [part for name in ("body", "orelse") for part in getattr(statement, name, [])]
    below = {id(node) for part in blocks for node in ast.walk(part)} if has_blocks else set[int]()
    for node in ast.walk(statement):
        if id(node) in below:
            continue
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
            continue
        if not is_entry(node) and place_of(node) is None:
            continue
        try:
            buffer = names.array(node, sizes) if names.may_rebind else None
        except Unliftable:
            continue
        if buffer is not None and buffer.name in names.rebound:
            found[id(node)] = buffer.name
    if not found:
        return statement
    new = replaced(statement, found)
    assert isinstance(new, ast.stmt)
    names.rewritten.add(id(new))
    names.kept_alive.append(new)
    return new


def bound_again(items: Sequence[Item], names: Names, by_text: frozenset[str]) -> tuple[str, ...]:
    """Assignments that give a region's dicts their new entries when it has run.

    Parameters
    ----------
    by_text
        Names and paths that may come to stand for other objects while the region runs.

    Raises
    ------
    Unliftable
        If anybody may see a dict in between.
    """
    refuse_changed(items, names)
    if not names.rebound:
        return ()
    if any(isinstance(node, _LEAVING) for part in names.region for node in ast.walk(part)):
        raise Unliftable("an entry of a dict is bound anew in code that may be left early")
    trees = list(kept_trees(items))
    functions = list(called_from(trees, names))
    statements = [tree for tree in trees if isinstance(tree, ast.stmt)]
    bases: dict[object, set[str]] = {}
    keys: dict[str, set[object]] = {}
    for alias, entry in names.aliases.items():
        node = ast.parse(entry, mode="eval").body
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            bases.setdefault(node.slice.value, set()).add(ast.unparse(node.value))
            if alias in names.rebound:
                keys.setdefault(ast.unparse(node.value), set()).add(node.slice.value)
    for alias in names.rebound:
        entry = names.aliases[alias]
        node = ast.parse(entry, mode="eval").body
        assert isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        base = ast.unparse(node.value)
        root, last, key = base.split(".")[0], base.rpartition(".")[2], node.slice.value
        seen = (*trees, *functions)
        if len(bases[key]) > 1 or not names.is_settled(base) or {base, root} & by_text:
            raise Unliftable(f"`{entry}` may become another array")
        if any(_shows(tree, root, last, keys[base]) for tree in seen):
            raise Unliftable(f"`{entry}` is seen by other code while it changes")
        if statements and not is_kept(
            node.value,
            key if isinstance(key, int) else str(key),
            statements,
            names.module,
            names.called,
            lambda home, value: False,
        ):
            raise Unliftable(f"`{entry}` may become another array")
    bound = {name for run in runs_of(items) for name in run.names}
    return tuple(f"{names.aliases[alias]} = {alias}" for alias in sorted(names.rebound & bound))


def made_late(names: Names) -> Iterator[tuple[str, str, str]]:
    """Names of entries that a region may be the first to make, the entries, and what shows they are there."""
    for name in sorted(names.rebound):
        node = ast.parse(names.aliases[name], mode="eval").body
        if isinstance(node, ast.Subscript) and is_entry(node):
            yield name, names.aliases[name], f"{ast.unparse(node.slice)} in {ast.unparse(node.value)}"


def _shows(tree: ast.AST, root: str, last: str, keys: Collection[object]) -> bool:
    """Does some code read what a dict or list has at some keys, or hand over it or the object that has it?"""
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def reads_another(node: ast.AST) -> bool:
        match parents.get(id(node)):
            case ast.Subscript(value=value, slice=ast.Constant(value=key), ctx=ast.Load()) if value is node:
                return key not in keys and (isinstance(key, str) or (type(key) is int and key >= 0))
        return False

    return any(
        _name(node) == last
        or (
            isinstance(node, ast.Name)
            and node.id == root
            and not isinstance(parents.get(id(node)), ast.Attribute)
        )
        for node in _all(tree)
        if not reads_another(node)
    )


def _all(tree: ast.AST) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute))


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
