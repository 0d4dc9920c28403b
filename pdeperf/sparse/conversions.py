"""Where a loop converts the same sparse matrix again and again, or cuts columns out of its rows."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.scopes import statement_of, uses_of
from pdeperf.sparse.constancy import Constancy, runs_always
from pdeperf.sparse.solves import Loop, Solve, loops_around

_CONVERTING = frozenset("tocsr tocsc tocoo todia tobsr toarray todense asformat".split())
_ON_THE_WAY = frozenset(("T", "transpose", "conj", "conjugate", "copy"))
_READING = frozenset("toarray todense sum nnz max min mean count_nonzero getnnz shape".split())
"""What may be asked of columns: the same in CSR and in CSC format. ``data`` comes in another order."""
_COPYING = frozenset("flatten tolist multiply power trace getnnz getrow getcol prod std var any all".split())
"""Methods whose results share no memory with the matrix."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One expression that gives the same matrix, in another format, in every turn of a loop.

    Attributes
    ----------
    node
        ``A.T.tocsr()``, or ``A`` in ``A[:, j]``.
    made
        What is computed before the loop, behind the text of the matrix: ``.tocsc()`` for columns.
    """

    node: ast.expr
    loop: Loop
    made: str = ""


def conversions_in(
    meaning: Meaning, module: Module, where: Span, constancy: Constancy | None = None
) -> Iterator[Conversion | tuple[ast.expr, str]]:
    """The conversions in some lines that a loop repeats; or why it may not be the same matrix each time."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.expr) or not where.first <= node.lineno <= where.last:
            continue
        made = _converts(meaning, module, node)
        loops = loops_around(module, node)
        if made is None or not loops:
            continue
        if constancy is None:
            yield Conversion(node, loops[0], made)
            continue
        reason = ""
        for loop in loops:
            reason = constancy.why_not(module, loop, node) or _unfit(constancy, module, loop, node)
            if not reason:
                yield Conversion(node, loop, made)
                break
        else:
            yield node, reason


def _unfit(constancy: Constancy, module: Module, loop: Loop, node: ast.expr) -> str:
    if not owns_lines(module, [loop]):
        return "the loop shares its line"
    if not constancy.is_known(module, loop, node):
        return "the matrix may not be there yet when the loop begins"
    return "" if runs_always(module, loop, node) else "it is not converted in every turn"


def _converts(meaning: Meaning, module: Module, node: ast.expr) -> str | None:
    """What makes the other format, where a node is the whole of a conversion that is read and not kept."""
    parent = module.parents.get(node)
    match node:
        case ast.Call(func=ast.Attribute(value=base, attr=attr), args=arguments, keywords=[]) if (
            attr in _CONVERTING and all(isinstance(one, ast.Constant) for one in arguments)
        ):
            core = _core(base)
            if core is not None and _is_sparse(meaning, module, core) and _is_read(meaning, module, node):
                return ""
        case ast.Name() | ast.Attribute() if isinstance(parent, ast.Subscript) and parent.value is node:
            form, other = _cut(parent)
            cuts = form and isinstance(parent.ctx, ast.Load) and _is_sparse(meaning, module, node, form)
            if cuts and _is_asked(meaning, module, parent):
                return f".to{other}()"
        case ast.Name() | ast.Attribute() if isinstance(parent, ast.Attribute) and parent.attr == "getcol":
            call = module.parents.get(parent)
            if (
                isinstance(call, ast.Call)
                and call.func is parent
                and _is_sparse(meaning, module, node, "csr")
            ):
                return ".tocsc()" if _is_asked(meaning, module, call) else None
    return None


def _cut(taken: ast.Subscript) -> tuple[str, str]:
    """The format in which a part of a matrix is dear to take, and the one in which it is cheap."""
    match taken.slice:
        case ast.Tuple(elts=[rows, columns]) if _is_all(rows) and not _is_all(columns):
            return "csr", "csc"
        case ast.Tuple(elts=[rows, columns]) if _is_all(columns) and not _is_all(rows):
            return "csc", "csr"
        case _:
            return "", ""


def _is_array(meaning: Meaning, module: Module, node: ast.expr) -> bool:
    return meaning.is_array(module, statement_of(module, node), ast.unparse(node))


def _is_asked(meaning: Meaning, module: Module, node: ast.expr) -> bool:
    """Is a part of a matrix only asked for what is the same whatever format it has?"""
    parent = module.parents.get(node)
    match parent:
        case ast.Attribute(attr=attr, ctx=ast.Load()) if attr in _READING:
            return True
        case ast.Attribute(attr="dot"):
            call = module.parents.get(parent)
            if not isinstance(call, ast.Call) or call.func is not parent or len(call.args) != 1:
                return False
            return _is_array(meaning, module, call.args[0])
        case ast.Attribute(attr="T"):
            return _is_asked(meaning, module, parent)
        case ast.Attribute(attr="power" | "copy" | "conj" | "conjugate"):
            call = module.parents.get(parent)
            if not isinstance(call, ast.Call) or call.func is not parent:
                return False
            return _is_asked(meaning, module, call)
        case ast.Call(func=ast.Name() as func, args=[one]) if one is node:
            return meaning.full(module, func) == "builtins.abs" and _is_asked(meaning, module, parent)
        case ast.BinOp(op=ast.MatMult(), left=left, right=right):
            return _is_array(meaning, module, right if left is node else left)
        case ast.Assign(targets=[ast.Name(id=name) as target]):
            uses = uses_of(name, module)
            return len([one for one in uses if not isinstance(one.ctx, ast.Load)]) == 1 and all(
                one is target or _is_asked(meaning, module, one) for one in uses
            )
        case _:
            return False


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and node.lower is None and node.upper is None and node.step is None


def _core(node: ast.expr) -> ast.Name | ast.Attribute | None:
    """``A`` of ``A.T.copy()``."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[], keywords=[]) if (
            attr in _CONVERTING | _ON_THE_WAY
        ):
            return _core(value)
        case ast.Attribute(value=value, attr="T"):
            return _core(value)
        case ast.Name() | ast.Attribute():
            return node
        case _:
            return None


def _is_sparse(meaning: Meaning, module: Module, node: ast.expr, form: str = "") -> bool:
    """Was a name a sparse matrix, of one format, whenever it was looked at around here?"""
    statement = statement_of(module, node)
    kinds = meaning.values(module, statement, ast.unparse(node), "type")
    return bool(kinds) and all(
        kind.startswith("scipy.sparse") and kind.rpartition(".")[2].startswith(form) for kind in kinds
    )


def _is_read(meaning: Meaning, module: Module, node: ast.expr) -> bool:
    """Is what a conversion gives only read where it stands, and kept by nobody?"""
    parent = module.parents.get(node)
    is_dense = ast.unparse(node).endswith((".toarray()", ".todense()"))
    match parent:
        case ast.BinOp():
            return True
        case ast.Attribute(attr=attr, ctx=ast.Load()):
            call = module.parents.get(parent)
            is_method = isinstance(call, ast.Call) and call.func is parent
            return attr in _READING or attr == "dot" or (is_method and attr in _COPYING)
        case ast.Subscript(value=value, ctx=ast.Load()) if value is node:
            return not is_dense
        case ast.Call(func=func) if func is not node:
            solves = meaning.full(module, func).startswith("scipy.sparse.linalg.")
            return meaning.is_pure(module, parent) or (solves and not is_dense)
        case _:
            return False


def only_conversion(module: Module, scope: ast.AST, results: Sequence[str], nearby: Sequence[Solve]) -> str:
    """``.tocsc()`` if all that is done with the only result is to solve with it in that format."""
    if isinstance(scope, ast.Module) and not module.is_script:
        return ""  # others may import it
    found = set()
    for node in ast.walk(scope):
        if not (isinstance(node, ast.Name) and [node.id] == [*results] and isinstance(node.ctx, ast.Load)):
            continue
        above = module.parents.get(node)
        match call := module.parents.get(above) if above is not None else None:
            case ast.Call(
                func=ast.Attribute(attr="tocsr" | "tocsc" as form) as func, args=[], keywords=[]
            ) if func is above and any(solve.matrix is call for solve in nearby):
                found.add(f".{form}()")
            case _:
                return ""
    return found.pop() if len(found) == 1 else ""
