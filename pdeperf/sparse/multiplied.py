"""Which names hold matrices, by what is done with them."""

import ast
from collections.abc import Iterator

from pdeperf.source import Module
from pdeperf.sparse.constancy import Constancy

_OF_MATRICES = ("scipy.sparse.linalg.", "numpy.linalg.", "scipy.linalg.")


def matrices_in(
    constancy: Constancy, module: Module, home: ast.AST, *, attributes: bool = False
) -> Iterator[str]:
    """Names, or attributes, that are multiplied by, or that a system is solved with."""
    for node in ast.walk(home):
        found: ast.expr | None = None
        match node:
            case ast.BinOp(op=ast.MatMult(), left=left):
                found = left
            case ast.Call(func=func, args=[first, *_]):
                name = constancy.meaning.full(module, func)
                if (
                    name in ("numpy.dot", "numpy.matmul")
                    or (name.startswith(_OF_MATRICES) and name.rpartition(".")[2] not in ("norm", "det"))
                    or (len(node.args) > 1 and constancy.meaning.solves(module, node))
                ):
                    found = first
                elif isinstance(func, ast.Attribute) and func.attr == "dot":
                    found = func.value
                elif _gives_factors(constancy, module, node):
                    found = first
        if found is None:
            continue
        if attributes:
            yield from (ast.unparse(one) for one in ast.walk(found) if isinstance(one, ast.Attribute))
            continue
        at = next(above for above in module.ancestors(node) if isinstance(above, ast.stmt))
        for one in ast.walk(found):
            if not isinstance(one, ast.Name):
                continue
            if constancy.meaning.values(module, at, one.id, "ndim") != {"1.0"}:
                yield one.id


def _gives_factors(constancy: Constancy, module: Module, call: ast.Call) -> bool:
    """Is it ``factors_of(A)`` in ``factors_of(A).solve(b)``, as an earlier rewrite has written it?"""
    above = module.parents.get(call)
    solve = module.parents.get(above) if isinstance(above, ast.Attribute) and above.attr == "solve" else None
    return isinstance(solve, ast.Call) and solve.func is above and constancy.meaning.solves(module, solve)
