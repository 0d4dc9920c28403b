"""What the turns of a loop append to lists that others made."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.sparse.batched_values import NotAtOnce, Value, made
from pdeperf.sparse.triplet_lists import Appended

if TYPE_CHECKING:
    from pdeperf.sparse.batched_stores import LoopStatements


def is_list_of_others(block: "LoopStatements", base: ast.expr) -> bool:
    """Is it a list that was there before the loop?"""
    kinds = block.write.seen(ast.unparse(base), "type")
    is_own = isinstance(base, ast.Name) and base.id in block.write.names
    return not is_own and bool(kinds) and all(kind.startswith("list") for kind in kinds)


def grow(block: "LoopStatements", base: ast.expr, method: str, argument: ast.expr, mask: str) -> None:
    """``items.append(x)``, ``items.extend(row)`` or ``items += row``, of a list that others made too."""
    block.check_outer(base)
    path, write = ast.unparse(base), block.write
    if method == "append":
        found = write.value(argument)
        if found.rank == 1 and found.varies and not found.is_row:
            if path in block.lists and path not in block.pieces:
                raise NotAtOnce(f"`{path}` holds numbers and arrays")
            block.pieces.add(path)
            _each_of(block, path, found, mask)
        elif path in block.pieces:
            raise NotAtOnce(f"`{path}` holds numbers and arrays")
        else:
            _one(block, path, write.number(argument), mask)
        return
    if path in block.pieces:
        raise NotAtOnce(f"`{path}` holds numbers and arrays")
    if isinstance(argument, ast.List | ast.Tuple):
        for item in argument.elts:
            _one(block, path, write.number(item), mask)
        return
    if isinstance(argument, ast.GeneratorExp):
        argument = ast.ListComp(argument.elt, argument.generators)
    found = write.value(argument)
    if method == "+=" and not (found.is_list or found.is_row):
        raise NotAtOnce(f"`{path}` is added to an array")
    _each_of(block, path, found, mask)


def _one(block: "LoopStatements", path: str, item: Value, mask: str) -> None:
    """A number of each turn."""
    stores = _stores(block, path)
    text = block.settled(item).text
    block.appended.setdefault(path, {})[len(block.lines)] = Appended(len(block.lines), text, mask)
    block.line(f"{stores}.append(({text}, {mask or 'True'}))")


def _each_of(block: "LoopStatements", path: str, found: Value, mask: str) -> None:
    """A row of numbers of each turn, as long for all of them."""
    if found.parts is not None:
        if any(part.is_list or part.rank != 0 for part in found.parts):
            raise NotAtOnce(f"`{path}` grows by more than numbers")
    elif found.each is not None:
        if found.each.is_list or found.each.rank != 0:
            raise NotAtOnce(f"`{path}` grows by more than numbers")
    elif found.rank != 1:
        raise NotAtOnce(f"`{path}` grows by more than a row")
    if not found.is_list:
        found = block.settled(found)
        found = replace(found, node=made("X.T", X=found.node)) if found.varies else found
    block.by_rows.add(path)
    stores = _stores(block, path)
    item = "item" if "item" not in block.taken else block.fresh("item")
    block.line(f"{stores} += [({item}, {mask or 'True'}) for {item} in {found.text}]")


def _stores(block: "LoopStatements", path: str) -> str:
    """The name of what gathers the stores of a list."""
    stores = block.lists.get(path)
    if stores is None:
        stores = block.lists[path] = block.fresh(f"{path.rpartition('.')[2]}_stores")
    return stores


def lists_added_to(meaning: Meaning, module: Module, loop: ast.stmt) -> frozenset[str]:
    """Lists that a loop binds by ``items += [..]`` alone, which is how they grow."""
    names: set[str] = set()
    others: set[str] = set()
    for node in ast.walk(loop):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            above = module.parents.get(node)
            is_added = isinstance(above, ast.AugAssign) and isinstance(above.op, ast.Add)
            (names if is_added else others).add(node.id)
    kinds = {name: meaning.values(module, loop, name, "type") for name in names - others}
    return frozenset(
        name for name, seen in kinds.items() if seen and all(one.startswith("list") for one in seen)
    )
