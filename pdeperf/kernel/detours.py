"""A kernel that does nothing but call another one: the other one takes its place."""

import ast
import re
import textwrap
from collections.abc import Collection, Mapping, Sequence

from pdeperf.kernel.callsite import wrapped

_ARITHMETIC = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
_HEADER = re.compile(r"def \w+\([\w,\s]*\):\n")


def without_detours(
    texts: Mapping[str, str], kernels: Collection[str], copies: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Functions in place of the kernels that only call them: names and texts, by the kernels' names.

    Parameters
    ----------
    texts
        Functions by their names.
    kernels
        Those of them that the script calls.
    copies
        Those of them that are there for the kernels alone.

    Returns
    -------
    dict
        What takes the places of kernels: the functions that they call, with the kernels' order of parameters.
    """
    trees = {name: _function(text) for name, text in texts.items()}
    found: dict[str, tuple[str, str]] = {}
    for name in kernels:
        called = _called(trees[name])
        if called is None or not isinstance(called.func, ast.Name) or called.func.id not in copies:
            continue
        other = called.func.id
        users = [one for one, tree in trees.items() if one != other and _names(tree) & {other}]
        order = _order(trees[name], called, trees[other])
        same = texts[name].partition("\n")[0] == texts[other].partition("\n")[0]
        head = _HEADER.search(texts[other])
        if users == [name] and order is not None and same and head is not None:
            header = wrapped(f"def {other}", order, ":", "")
            found[name] = other, texts[other][: head.start()] + header + texts[other][head.end() :]
    return found


def stands_alone(text: str, statements: Sequence[ast.stmt], site: str, compiled: Collection[str]) -> bool:
    """Is a kernel, called on no condition, only a call of a function that is compiled where it stands?

    Then the script's own statement may stay: it gives that function the same names, numbers, sums.

    Parameters
    ----------
    text
        The kernel.
    statements
        What it stands for in the script.
    site
        What would take their place.
    compiled
        Functions that are compiled where they stand.
    """
    kernel = _function(text)
    inner, put = _called(kernel), ast.parse(textwrap.dedent(site)).body
    if inner is None or ast.unparse(inner.func) not in compiled or inner.keywords:
        return False
    if not all(isinstance(node, _ARITHMETIC) for one in inner.args for node in ast.walk(one)):
        return False
    outer, own = _call_alone(put), _call_alone(statements)
    if outer is None or own is None or own.keywords or ast.unparse(own.func) != ast.unparse(inner.func):
        return False
    names = [one.arg for one in kernel.args.args]
    if len(names) != len(outer.args):
        return False
    given = dict(zip(names, map(ast.unparse, outer.args), strict=True))
    passed = [given.get(ast.unparse(one), ast.unparse(one)) for one in inner.args]
    return passed == [*map(ast.unparse, own.args)] and _targets(put) == _targets(statements)


def called_by(text: str) -> list[str]:
    """The function that a kernel calls which does nothing else."""
    call = _called(_function(text))
    return [ast.unparse(call.func)] if call is not None else []


def _call_alone(statements: Sequence[ast.stmt]) -> ast.Call | None:
    match statements:
        case [ast.Expr(value=ast.Call() as call) | ast.Assign(targets=[_], value=ast.Call() as call)]:
            return call
    return None


def _targets(statements: Sequence[ast.stmt]) -> str:
    return ast.unparse(statements[0]).rpartition(" = ")[0]


def _function(text: str) -> ast.FunctionDef:
    made = ast.parse(text).body[0]
    assert isinstance(made, ast.FunctionDef)
    return made


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _called(kernel: ast.FunctionDef) -> ast.Call | None:
    """The one call that a kernel makes, all of whose results it gives back; None of others."""
    match kernel.body[1:]:
        case [ast.Expr(value=ast.Call() as call)]:
            return call
        case [
            ast.Assign(targets=[target], value=ast.Call() as call),
            ast.Return(value=ast.expr() as value),
        ] if ast.unparse(target) == ast.unparse(value):
            return call
    return None


def _order(kernel: ast.FunctionDef, call: ast.Call, function: ast.FunctionDef) -> list[str] | None:
    """The function's parameters in the order of the kernel's; None where they are not the same values."""
    given = [one.id for one in call.args if isinstance(one, ast.Name)]
    own = [one.arg for one in kernel.args.args]
    plain = not (call.keywords or function.args.defaults or function.args.kwonlyargs)
    if not plain or function.args.vararg or len(given) < len(call.args) or sorted(given) != sorted(own):
        return None
    parameters = [one.arg for one in function.args.args]
    return [parameters[given.index(name)] for name in own] if len(parameters) == len(given) else None
