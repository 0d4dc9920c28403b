"""Systems with one matrix and a right side for each element of a loop, solved all at once."""

import ast
from dataclasses import replace

from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_values import NotAtOnce, Value, made
from pdeperf.sparse.solver_texts import OF_BANDS

OR_ONE = '''
def or_one(matrices, condition):
    """The matrices of the elements of a condition; the unit matrix for all others, which nobody asks for."""
    return {numpy}.where({numpy}.reshape(condition, (-1, 1, 1)), matrices, {numpy}.eye(matrices.shape[-1]))
'''


def where_asked(write: Expressions, matrix: Value) -> Value:
    """The matrices of systems that are solved for some elements alone: others may be singular."""
    if write.is_unasked or not matrix.varies or matrix.rank != 2:
        raise NotAtOnce("a system is solved on a condition")
    given = made(f"{write.defined(OR_ONE)}(X, W)", X=matrix.node, W=made(write.asked))
    return replace(matrix, node=given, is_fresh=True)


def with_one_matrix(
    write: Expressions, node: ast.Call, function: ast.expr, matrix: ast.expr | None, right_side: ast.expr
) -> Value:
    """Systems with one sparse matrix, or its factors, and a right side for each element."""
    fixed = matrix if matrix is not None else function
    roots = {one.id for one in ast.walk(fixed) if isinstance(one, ast.Name)}
    if roots & (write.own | write.names.keys()) or write.is_partial:
        raise NotAtOnce(f"`{ast.unparse(node)}` has a matrix of its own")
    if matrix is not None:
        kinds = write.seen(ast.unparse(matrix), "type")
        if not kinds or not all(kind.startswith("scipy.sparse.") for kind in kinds):
            raise NotAtOnce(f"it is not known what `{ast.unparse(matrix)}` is")
    right = write.value(right_side)
    if right.rank != 1:
        raise NotAtOnce("a right side is no vector")
    if not right.varies:
        return Value(node, 1, is_fresh=True)
    arguments = [matrix] if matrix is not None else []
    solved = ast.Call(function, [*arguments, made("B.T", B=right.node)], [])
    return Value(made("X.reshape(-1, N).T", X=solved, N=made(write.count)), 1, True)


def is_by_factors(write: Expressions, node: ast.Call) -> bool:
    """Does a call solve one system with factors, SciPy's or those of an earlier rewrite?"""
    match node:
        case ast.Call(func=ast.Attribute(value=base, attr="solve"), args=[_], keywords=[]):
            kinds = write.seen(ast.unparse(base), "type")
            return bool(kinds) and all(are_factors(write, one) for one in kinds)
    return False


def are_factors(write: Expressions, kind: str) -> bool:
    """Is a type SciPy's of factors, or one that an earlier rewrite has written?"""
    name = kind.rpartition(".")[2].rpartition(":")[2]
    return "SuperLU" in kind or any(
        isinstance(one, ast.ClassDef) and one.name == name and ast.get_docstring(one) == OF_BANDS
        for one in write.module.tree.body
    )
