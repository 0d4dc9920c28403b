"""Matrix products in the user's code: ``A @ u``, ``A.dot(u)``; no function stands there to wrap.

Standard library only: this is imported by the user's interpreter.
"""

import ast
import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_PASSING = "__pdeperf_multiply__"
_COUNT = 1000
"""So many products at one place are looked at; the rest are taken to be like the last."""


@dataclass(frozen=True, slots=True)
class Site:
    """One product in the text: where it is, and the texts of its factors."""

    place: tuple[str, int]
    left: str
    right: str


class Products:
    """Lets the products of the user's code pass by a recording.

    Parameters
    ----------
    look
        Is told of each product's site and of its two factors; names the factors that it counts.
    """

    def __init__(self, look: Callable[[Site, Any, Any], tuple[str, ...]]) -> None:
        self._look = look
        self._sites: list[Site] = []
        self._counts: list[int] = []
        self._counted: dict[int, tuple[str, ...]] = {}

    def install(self) -> None:
        """Make the products that :meth:`instrument` has written known to the user's code."""
        look, sites, counts, counted = self._look, self._sites, self._counts, self._counted

        # Runs at every product, which may be small: 0.1 us where enough was seen.
        def multiply(site: int, how: Any, left: Any, right: Any) -> Any:
            counts[site] += 1
            if counts[site] <= _COUNT:
                counted[site] = look(sites[site], left, right)
            if how is None:
                return left @ right
            return left.dot(right) if how == "dot" else how(left, right)

        setattr(builtins, _PASSING, multiply)

    def instrument(self, tree: ast.Module, file: str) -> ast.Module:
        """Write each product of a file as a call of what :meth:`install` has made known."""
        changed: ast.Module = _Passing(file, self._sites).visit(tree)
        self._counts += [0] * (len(self._sites) - len(self._counts))
        return changed

    def unseen(self) -> Iterator[tuple[Site, tuple[str, ...], int]]:
        """Which factors were counted last at a site, and how many products came after that."""
        for at, count in enumerate(self._counts):
            if count > _COUNT:
                yield self._sites[at], self._counted[at], count - _COUNT


class _Passing(ast.NodeTransformer):
    def __init__(self, file: str, sites: list[Site]) -> None:
        self._file = file
        self._sites = sites

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.MatMult):
            return self._passing(node, node.left, ast.Constant(None))
        return self._same(node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[_], keywords=[]):
                return self._passing(node, left, ast.Constant("dot"))
            case ast.Call(func=ast.Attribute(attr="dot" | "matmul"), args=[left, _], keywords=[]):
                return self._passing(node, left, node.func)
            case _:
                return self._same(node)

    def _same(self, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        return node

    def _passing(self, node: ast.BinOp | ast.Call, left: ast.expr, how: ast.expr) -> ast.expr:
        right = node.right if isinstance(node, ast.BinOp) else node.args[-1]
        self._sites.append(Site((self._file, node.lineno), ast.unparse(left), ast.unparse(right)))
        site = ast.Constant(len(self._sites) - 1)
        arguments = [site, self.visit(how), self.visit(left), self.visit(right)]
        call = ast.Call(ast.Name(_PASSING, ast.Load()), arguments, [])
        return ast.fix_missing_locations(ast.copy_location(call, node))
