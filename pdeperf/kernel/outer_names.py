"""Variables of the file or of a function around that functions bind anew: ``global u``, ``nonlocal calls``.

A compiled function is given what such a variable stands for and gives back what it is to stand for; whoever
calls it binds the variable. Where that is no variable of the caller's own, the caller gives it back in turn,
or says, as the user would, that the variable lives outside.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pdeperf.kernel.blocks import is_documentation
from pdeperf.source import Module
from pdeperf.source.edits import Edit, indentation, lines_extent
from pdeperf.source.scopes import Scope, own_nodes

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering


def declared(function: ast.AST) -> frozenset[str]:
    """Names that a function says live outside of it."""
    return frozenset(
        name
        for node in own_nodes(function)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    )


def bind_outside(function: ast.AST, lowering: "Lowering") -> frozenset[str]:
    """Names outside that a function's statements bind: like attributes, they are given and given back."""
    found = declared(function) & lowering.assigned
    for name in sorted(found):
        give_back(name, lowering)
    return found


def give_back(name: str, lowering: "Lowering") -> None:
    """Let a compiled function give back what a name outside is to stand for."""
    seen = lowering.look(name)
    lowering.sources[name] = name
    if seen is not None:
        lowering.kinds.setdefault(name, seen.kind)
        lowering.seen.setdefault(name, seen)


def bound_by_call(name: str, caller: "Lowering") -> None:
    """Let a caller bind a name that a function gives back."""
    if caller.sources.get(name, name) != name:
        return  # an attribute or an entry, which the call site stores
    if caller.scope.resolve(name) is not caller.scope and not caller.leaves:
        give_back(name, caller)


def declarations(scope: Scope, results: Iterable[str], module: Module) -> Iterator[Edit]:
    """The lines by which a function says that names it is now the one to bind live outside."""
    if not isinstance(scope.node, ast.FunctionDef):
        return
    words: dict[str, list[str]] = {}
    for name in results:
        owner = scope.resolve(name)
        if owner is not scope and name not in declared(scope.node):
            word = "global" if owner is None or owner.is_module else "nonlocal"
            words.setdefault(word, []).append(name)
    first = next(part for part in scope.node.body if not is_documentation(part, scope.node))
    at = lines_extent(module, [first])[0]
    for word, names in words.items():
        yield Edit(at, at, f"{indentation(module, first)}{word} {', '.join(names)}\n")
