"""Which of the user's functions may run while some statements do."""

import ast
from collections.abc import Iterable, Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, Function, own_nodes

_PROTOCOLS = ("matvec", "rmatvec", "matmat", "rmatmat", "write", "flush")
"""Methods that libraries call whatever class they belong to."""
_BY_TEXT = ("getattr", "methodcaller", "attrgetter")


class Reached:
    """Answers for a whole project.

    A function may run where its name is mentioned, directly or in a function that may run. Those that are
    more than called (callbacks, properties, operators, generators, methods that a library's class calls) may
    run at any time.
    """

    def __init__(self, meaning: Meaning) -> None:
        self._functions: dict[str, list[Function]] = {}
        self._mentions: dict[Function, frozenset[str]] = {}
        self._always: set[Function] = set()
        trees = [module.tree for module in meaning.project.modules.values()]
        given = {name for module in meaning.project.modules.values() for name in _as_values(module)}
        classes = {one.name: one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.ClassDef)}
        inherits = any(one.bases for one in classes.values())
        for module in meaning.project.modules.values():
            for node in ast.walk(module.tree):
                if not isinstance(node, FUNCTIONS):
                    continue
                name, home = getattr(node, "name", ""), module.parents.get(node)
                self._mentions[node] = frozenset(_named([node]))
                if name == "__init__" and isinstance(home, ast.ClassDef) and not inherits:
                    name = home.name
                self._functions.setdefault(name, []).append(node)
                is_foreign = isinstance(home, ast.ClassDef) and any(
                    ast.unparse(base) not in (*classes, "object") for base in home.bases
                )
                is_only_called = not name.startswith("__") and name not in given and name not in _PROTOCOLS
                if not (name and is_only_called) or is_foreign or _is_special(node):
                    self._always.add(node)

    def from_nodes(self, nodes: Iterable[ast.AST]) -> frozenset[Function]:
        """The functions that may run while some nodes do."""
        names = set(_named(nodes)) | {name for one in self._always for name in self._mentions[one]}
        found = set(self._always)
        pending = list(names)
        while pending:
            for function in self._functions.get(pending.pop(), ()):
                if function not in found:
                    found.add(function)
                    pending += self._mentions[function]
        return frozenset(found)


def _named(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                yield inner.id
            elif isinstance(inner, ast.Attribute):
                yield inner.attr


def _as_values(module: Module) -> Iterator[str]:
    """Names that stand for more than what is called, and texts that may be names."""
    if any(
        isinstance(node, ast.Name | ast.Attribute) and _last(node) in _BY_TEXT
        for node in ast.walk(module.tree)
    ):
        yield from _named([module.tree])
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            above = module.parents.get(node)
            if not (isinstance(above, ast.Call) and above.func is node):
                yield _last(node)


def _last(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _is_special(node: Function) -> bool:
    """Does a function run otherwise than when it is called?"""
    return (
        not isinstance(node, ast.FunctionDef)
        or bool(node.decorator_list)
        or any(isinstance(one, ast.Yield | ast.YieldFrom | ast.Await) for one in own_nodes(node))
    )
