"""Which variables a piece of the user's source reads and writes.

Standard library only: this is imported by the user's interpreter.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
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
        if (path := path_of(inner) or _got(inner)) is not None:
            yield from (AccessPath(path.root, path.steps[:depth]) for depth in range(len(path.steps) + 1))


def _got(node: ast.AST) -> AccessPath | None:
    """The entry that ``p.get("c", 1.0)`` asks for."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=home, attr="get"), args=[ast.Constant(value=str() as key), *_]
        ):
            base = path_of(home)
            return AccessPath(base.root, (*base.steps, ("item", key))) if base is not None else None
    return None


def through_names(nodes: Sequence[ast.AST], paths: Iterable[AccessPath]) -> Iterator[AccessPath]:
    """Paths by what a name of theirs was given: ``self.p['dt']`` of ``p = self.p`` and ``p['dt']``."""
    given: dict[str, list[AccessPath | None]] = {}
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                given.setdefault(inner.id, []).append(None)
            for target, value in _given(inner):
                if isinstance(target, ast.Name) and (path := path_of(value)) and path.steps:
                    given.setdefault(target.id, []).append(path)
    for path in paths:
        match given.get(path.root, []):
            case [AccessPath() as source, None] | [None, AccessPath() as source] if path.steps:
                yield AccessPath(source.root, (*source.steps, *path.steps))


def _given(node: ast.AST) -> Sequence[tuple[ast.expr, ast.expr]]:
    """What an assignment gives to what: two pairs in ``f, p = self.f, self.p``."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
            targets
        ) == len(values):
            return list(zip(targets, values, strict=True))
        case ast.Assign(targets=[target], value=value):
            return [(target, value)]
    return []


def stored_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The access paths that some statements bind anew, as text."""
    return frozenset(
        str(path)
        for node in nodes
        for inner in ast.walk(node)
        if isinstance(getattr(inner, "ctx", None), ast.Store | ast.Del)
        and (path := path_of(inner)) is not None
    )
