"""Where a program seeks eigenvalues of the smallest magnitude."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Span
from pdeperf.source import Module

_ALLOWED = frozenset(("k", "M", "v0", "ncv", "maxiter", "tol", "return_eigenvectors", "which", "rng"))

NEAR_ZERO = '''
def eigsh_near_zero(A, *arguments, return_eigenvectors=True, **options):
    """As eigsh(A, ..., which="SM"), for which the inverse's largest eigenvalues are sought.

    They are found in a few iterations, at the price of one factorisation. Singular matrices and
    operators are left to eigsh as it is.
    """
    options["return_eigenvectors"] = return_eigenvectors
    if {sparse}.issparse(A):
        try:
            found = {linalg}.eigsh({sparse}.csc_matrix(A), *arguments, sigma=0, which="LM", **options)
        except RuntimeError:  # singular
            pass
        else:
            return found if return_eigenvectors else found[{numpy}.argsort(-abs(found), kind="stable")]
    return {linalg}.eigsh(A, *arguments, which="SM", **options)
'''


def smallest_in(meaning: Meaning, module: Module, where: Span) -> Iterator[ast.Call]:
    """The calls ``eigsh(A, k, which="SM")`` in some lines."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not where.first <= node.lineno <= where.last:
            continue
        options = {keyword.arg: keyword.value for keyword in node.keywords}
        which = options.get("which")
        if not isinstance(which, ast.Constant) or which.value != "SM" or not set(options) <= _ALLOWED:
            continue
        if not 1 <= len(node.args) <= 2 or any(isinstance(one, ast.Starred) for one in node.args):
            continue
        name = meaning.full(module, node.func)
        if name.startswith("scipy.sparse.linalg") and name.endswith(".eigsh"):
            yield node
