"""What stays as it is while a region runs: lists, arrays and objects that its code only looks at."""

import ast
from collections.abc import Callable, Iterable

from pdeperf.arrays.paths import is_path
from pdeperf.kernel.kinds import Kind

_LOOKING = ("numpy.", "scipy.", "math.", "builtins.len", "builtins.print", "builtins.float", "builtins.sum")
_CHANGING = (".put", ".place", ".copyto", ".putmask", ".fill_diagonal", ".at", ".shuffle")


class Steady:
    """Answers for some code of a region.

    Parameters
    ----------
    trees
        The code that runs: statements of the region, and functions that they may call.
    kind
        Kind of an expression; of one in a function, that is given too.
    called
        Full name of a library's function that an expression calls; empty for all others.
    """

    def __init__(
        self,
        trees: Iterable[ast.AST],
        kind: Callable[[ast.expr, ast.FunctionDef | None], Kind],
        called: Callable[[ast.expr], str],
    ) -> None:
        self._trees, self._kind, self._called = list(trees), kind, called
        self._known: dict[str, bool] = {}
        self._functions = {tree.name for tree in self._trees if isinstance(tree, ast.FunctionDef)}

    def keeps(self, path: str) -> bool:
        """Does the code leave the list, array or object that a path stands for as it is?

        It may bind the path itself to another one.
        """
        if path not in self._known:
            kind = self._kind(ast.parse(path, mode="eval").body, None)
            last = path.rpartition(".")[2]
            self._known[path] = all(self._only_looks(tree, last, kind) for tree in self._trees)
        return self._known[path]

    def _only_looks(self, tree: ast.AST, last: str, kind: Kind) -> bool:
        parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            match node:
                case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()) if is_path(value):
                    if self._may_be_another_name(value, tree, kind):
                        return False
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
            if name == last and not self._is_looked_at(node, parents):
                return False
        return True

    def _may_be_another_name(self, node: ast.expr, tree: ast.AST, kind: Kind) -> bool:
        """May storing into what an expression stands for change what is asked about?"""
        found = self._kind(node, tree if isinstance(tree, ast.FunctionDef) else None)
        if not found.is_array:
            return True
        return kind.is_array and kind.dtype == found.dtype

    def _is_looked_at(self, node: ast.AST, parents: dict[int, ast.AST]) -> bool:
        if not isinstance(getattr(node, "ctx", None), ast.Load):
            return False
        above = parents.get(id(node))
        if isinstance(above, ast.Tuple) and isinstance(parents.get(id(above)), ast.Subscript):
            return True
        match above:
            case ast.Subscript(ctx=ast.Load()):
                return True
            case ast.Subscript(slice=index):
                return index is node
            case ast.Call(func=func, keywords=keywords) if func is not node:
                full = self._called(func)
                if not full and isinstance(func, ast.Name | ast.Attribute):
                    last = func.id if isinstance(func, ast.Name) else func.attr
                    return last in self._functions  # which is one of the trees
                is_looking = full.startswith(_LOOKING) and not full.endswith(_CHANGING)
                return is_looking and all(each.arg not in ("out", None) for each in keywords)
            case ast.BinOp() | ast.Compare() | ast.UnaryOp() | ast.FormattedValue():
                return True
        return False
