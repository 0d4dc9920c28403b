"""Which branches a run takes: a mark at the head of each. Standard library only."""

import ast
import builtins

from pdeperf.guest.functions import OfPython


class Branches(OfPython, ast.NodeTransformer):
    """Puts a mark at the head of each branch of one file; those of compiled functions are left alone.

    Parameters
    ----------
    file
        Branches are named after it and the line that they begin on: ``solver.py:12``.
    """

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

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
