"""Which calls may mean a function: by its name, or by another one that was seen to stand for it."""

import ast
from collections.abc import Iterator

from pdeperf.kernel.observed import scope_seen
from pdeperf.source import Module, Project
from pdeperf.source.scopes import home_of


def calls_of(function: ast.FunctionDef, file: str, project: Project) -> Iterator[tuple[Module, ast.Call]]:
    """Calls of a function: ``rhs(u)``, ``self.rhs(u)``, and ``f(u)`` where ``f`` was seen to be it."""
    known_as = _known_as(function, file, project)
    for module in project.modules.values():
        for node in module.nodes:
            if not isinstance(node, ast.Call):
                continue
            func = node.func
            name = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
            names = known_as.get((module.file, id(home_of(module, node))), ())
            if name == function.name or (names and ast.unparse(func) in names):
                yield module, node


def _known_as(function: ast.FunctionDef, file: str, project: Project) -> dict[tuple[str, int], set[str]]:
    """The names and paths that a function was seen at, by the functions that see them."""
    found: dict[tuple[str, int], set[str]] = {}
    for row in project.observed:
        if row.metric != "function" or row.where.file not in project:
            continue
        seen_in, line, *_ = (*str(row.value).split(":"), "", "")
        if (seen_in, line) == (file, str(function.lineno)):
            scope = scope_seen(project[row.where.file], row)
            found.setdefault((row.where.file, id(scope)), set()).add(row.subject)
    return found
