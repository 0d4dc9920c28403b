"""Entries of dicts that a region binds to new arrays: names stand for them until the region has run."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.entries import is_kept
from pdeperf.arrays.lifting.late import called_from, kept_trees
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, runs_of

_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom, ast.Raise, ast.Try, ast.Await)


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
    if not names.rebound:
        return ()
    if any(isinstance(node, _LEAVING) for part in names.region for node in ast.walk(part)):
        raise Unliftable("an entry of a dict is bound anew in code that may be left early")
    trees = list(kept_trees(items))
    functions = list(called_from(trees, names))
    statements = [tree for tree in trees if isinstance(tree, ast.stmt)]
    bases: dict[object, set[str]] = {}
    for entry in names.aliases.values():
        node = ast.parse(entry, mode="eval").body
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            bases.setdefault(node.slice.value, set()).add(ast.unparse(node.value))
    for alias in names.rebound:
        entry = names.aliases[alias]
        node = ast.parse(entry, mode="eval").body
        assert isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        base = ast.unparse(node.value)
        root, last = base.split(".")[0], base.rpartition(".")[2]
        seen = (*trees, *functions)
        if len(bases[node.slice.value]) > 1 or not names.is_settled(base) or {base, root} & by_text:
            raise Unliftable(f"`{entry}` may become another array")
        if any(_shows(tree, root, last) for tree in seen):
            raise Unliftable(f"`{entry}` is seen by other code while it changes")
        if statements and not is_kept(
            node, statements, names.module, names.called, lambda home, value: False
        ):
            raise Unliftable(f"`{entry}` may become another array")
    bound = {name for run in runs_of(items) for name in run.names}
    return tuple(f"{names.aliases[alias]} = {alias}" for alias in sorted(names.rebound & bound))


def _shows(tree: ast.AST, root: str, last: str) -> bool:
    """Does some code mention a dict, or hand over the object that has it?"""
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    return any(
        _name(node) == last
        or (
            isinstance(node, ast.Name)
            and node.id == root
            and not isinstance(parents.get(id(node)), ast.Attribute)
        )
        for node in _all(tree)
    )


def _all(tree: ast.AST) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute))


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
