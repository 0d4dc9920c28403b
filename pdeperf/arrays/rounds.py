"""Names that comprehensions bind: theirs alone, though the code around them uses the same ones."""

import ast
import copy
from collections.abc import Callable, Collection, Iterable

Comprehension = ast.ListComp | ast.GeneratorExp | ast.DictComp


def names_of_rounds(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that comprehensions bind."""
    every = (node for each in nodes for node in ast.walk(each))
    return _names_in(node.target for node in every if isinstance(node, ast.comprehension))


def outside_of_rounds(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that stand anywhere but in comprehensions."""
    found: set[str] = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        if not isinstance(node, Comprehension):
            pending.extend(ast.iter_child_nodes(node))
    return found


def told_apart(
    body: list[ast.stmt], result: ast.expr | None, fresh: Callable[[str], str]
) -> tuple[list[ast.stmt], ast.expr | None]:
    """A function's statements and its result; names of comprehensions that are used elsewhere are renamed."""
    nodes: list[ast.AST] = [*body, *([result] if result is not None else [])]
    shared = names_of_rounds(nodes) & outside_of_rounds(nodes)
    if not shared:
        return body, result
    renaming = _Renaming(shared, fresh)
    new = [renaming.visit(copy.deepcopy(part)) for part in body]
    return new, renaming.visit(copy.deepcopy(result)) if result is not None else None


def _names_in(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.id for each in nodes for node in ast.walk(each) if isinstance(node, ast.Name)}


class _Renaming(ast.NodeTransformer):
    """Gives comprehensions names of their own."""

    def __init__(self, shared: Collection[str], fresh: Callable[[str], str]) -> None:
        self._shared, self._fresh = shared, fresh
        self._new: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(id=self._new.get(node.id, node.id), ctx=node.ctx), node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._renamed(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._renamed(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._renamed(node)

    def _renamed(self, node: Comprehension) -> ast.AST:
        first = node.generators[0]
        first.iter = self.visit(first.iter)  # it is evaluated outside
        outer, source = self._new, first.iter
        own = _names_in(each.target for each in node.generators) & {*self._shared}
        self._new = {**outer, **{name: self._fresh(name) for name in sorted(own)}}
        first.iter = ast.Constant(value=None)
        self.generic_visit(node)
        first.iter, self._new = source, outer
        return node
