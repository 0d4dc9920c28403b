"""Where a program changes a library: ``np.roll = mine``, ``setattr(math, "pi", 3)``."""

import ast
from collections.abc import Iterator

from pdeperf.model import Diagnosis, Refusal, Span
from pdeperf.source.project import Module, Project

_COUNTED_ON = frozenset(("numpy", "scipy", "math", "cmath", "builtins", "random", "copy", "itertools"))
"""Libraries whose functions a rewrite calls, or compiles in place of."""


def refusal(backend: str, diagnosis: Diagnosis, project: Project) -> Refusal | None:
    """Why nothing is rewritten: a function of a library is not what it is called."""
    for module in project.modules.values():
        for node in _changes(module):
            return Refusal(
                backend=backend,
                diagnosis=diagnosis,
                where=Span(file=module.file, first=node.lineno, last=node.end_lineno or node.lineno),
                reason=f"`{ast.unparse(node)}` is changed here, which belongs to a library",
                advice="give your own version a name of its own",
            )
    return None


def _changes(module: Module) -> Iterator[ast.expr]:
    """What is bound, or deleted, of modules of a library."""
    names = {
        alias.asname or alias.name.split(".")[0]
        for node in module.nodes
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.split(".")[0] in _COUNTED_ON
    }
    for node in module.nodes:
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) if _root(node) in names:
                yield node
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[owner, *_]) if _root(owner) in names:
                yield owner


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
