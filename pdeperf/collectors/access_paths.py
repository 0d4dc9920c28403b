"""Which variables a piece of the user's source reads and writes.

Standard library only: this is imported by the user's interpreter.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Step = tuple[str, str | int]
"""``("attribute", "dx")`` or ``("item", "dx")``."""


@dataclass(frozen=True, slots=True)
class AccessPath:
    """A variable, or what is reached from one by attributes and constant keys: ``self.p['dx']``."""

    root: str
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return self.root + "".join(
            f".{key}" if kind == "attribute" else f"[{key!r}]" for kind, key in self.steps
        )


def _constant_key(node: ast.expr) -> str | int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        key = _constant_key(node.operand)
        return -key if isinstance(key, int) else None
    if isinstance(node, ast.Constant) and type(node.value) in (str, int):
        key_value: str | int = node.value  # type: ignore[assignment]
        return key_value
    return None


def path_of(node: ast.AST) -> AccessPath | None:
    """The access path that an expression is, or None for any other expression."""
    if isinstance(node, ast.Name):
        return AccessPath(node.id)
    if isinstance(node, ast.Attribute) and (base := path_of(node.value)):
        return AccessPath(base.root, (*base.steps, ("attribute", node.attr)))
    if isinstance(node, ast.Subscript) and (base := path_of(node.value)):
        key = _constant_key(node.slice)
        if key is not None:
            return AccessPath(base.root, (*base.steps, ("item", key)))
    return None


def paths_in(nodes: Iterable[ast.AST]) -> tuple[AccessPath, ...]:
    """Every access path in some statements, each once, a path's prefixes before it.

    Nested functions, lambdas and comprehensions count: what they read is read there too.
    """
    found = (path for node in nodes for path in _paths(node))
    return tuple(dict.fromkeys(found))


def _paths(node: ast.AST) -> Iterator[AccessPath]:
    for inner in ast.walk(node):
        if (path := path_of(inner)) is not None:
            yield from (AccessPath(path.root, path.steps[:depth]) for depth in range(len(path.steps) + 1))


def stored_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The access paths that some statements bind anew, as text."""
    return frozenset(
        str(path)
        for node in nodes
        for inner in ast.walk(node)
        if isinstance(getattr(inner, "ctx", None), ast.Store | ast.Del)
        and (path := path_of(inner)) is not None
    )
