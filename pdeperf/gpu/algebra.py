"""Linear algebra that CuPy's libraries do: sparse matrices on the GPU, products with them, Krylov solves."""

import ast

from pdeperf.arrays.paths import is_path
from pdeperf.gpu.names import GpuNames

SOLVES = {
    "scipy.sparse.linalg.cg": frozenset(("x0", "rtol", "atol", "maxiter")),
    "scipy.sparse.linalg.bicgstab": frozenset(("x0", "rtol", "atol", "maxiter")),
    "scipy.sparse.linalg.gmres": frozenset(("x0", "rtol", "atol", "restart")),
}
"""Krylov solves, and the arguments that mean the same to CuPy: GMRES counts its iterations otherwise."""
DENSE = frozenset("numpy.linalg.solve numpy.linalg.inv numpy.linalg.cholesky numpy.linalg.eigvalsh".split())
"""What cuSOLVER does with the same result to rounding; signs of eigenvectors are its own."""
CUPYX_IMPORT = """if cp is not None:
    import cupyx.scipy.sparse.linalg
"""


def solve_of(statement: ast.stmt, names: GpuNames) -> tuple[list[ast.expr], ast.Call, str] | None:
    """The Krylov solve that a statement is: its targets, the call, and what it calls."""
    match statement:
        case ast.Assign(
            targets=[ast.Tuple(elts=[ast.Name() | ast.Attribute() as solution, ast.Name() as info])],
            value=ast.Call(args=[matrix, right, *rest]) as call,
        ) if not rest and is_path(solution):
            pass
        case _:
            return None
    name = names.called(call.func)
    allowed = SOLVES.get(name)
    if allowed is None or not names.is_matrix(matrix) or isinstance(right, ast.Starred):
        return None
    if any(keyword.arg not in allowed for keyword in call.keywords):
        return None
    return [solution, info], call, name
