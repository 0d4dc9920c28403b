"""Which branches a run takes: a mark at the head of each. Standard library only."""

import ast
import builtins

from pdeperf.guest.functions import compiled_names, stays_python


class Branches(ast.NodeTransformer):
    """Puts a mark at the head of each branch of one file; those of compiled functions are left alone.

    Parameters
    ----------
    file
        Branches are named after it and the line that they begin on: ``solver.py:12``.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._compiled: frozenset[str] = frozenset()

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self._compiled = compiled_names(node)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self.generic_visit(node) if stays_python(node, self._compiled) else node

    def visit_If(self, node: ast.If) -> ast.AST:
        name = f"{self._file}:{node.body[0].lineno}"
        after = f"{self._file}:{node.orelse[0].lineno}" if node.orelse else ""
        self.generic_visit(node)
        node.body = [_mark(name, node.body[0]), *node.body]
        if after:
            node.orelse = [_mark(after, node.orelse[0]), *node.orelse]
        return node


def _mark(name: str, at: ast.stmt) -> ast.stmt:
    statement = ast.parse(f"__pdeperf_took__[{name!r}] = True").body[0]
    for inner in ast.walk(statement):
        ast.copy_location(inner, at)
    return statement


def install() -> dict[str, bool]:
    """Make the name that marked files use known everywhere; it holds the branches that were taken."""
    taken: dict[str, bool] = {}
    vars(builtins)["__pdeperf_took__"] = taken
    return taken
