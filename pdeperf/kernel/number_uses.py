"""Where it matters whether a float is Python's or NumPy's: not where it is printed, tested or stored.

NumPy's floats divide by zero, are nan where Python's are complex, compare to truth values of their own, and
show their type wherever a list, a tuple or a dict that holds them is shown.
"""

import ast
from collections.abc import Callable

from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.scopes import scope_of

_TURNED = frozenset(("builtins.float", "builtins.int", "builtins.bool", "builtins.format"))
_SHOWN = frozenset(("builtins.print", "builtins.str"))
_CHOSEN = frozenset(("builtins.max", "builtins.min"))
_TYPES_SHOWN = ("%r", "%a", "!r", "!a")


def telling(node: ast.expr, module: Module, is_array: Callable[[ast.expr], bool]) -> ast.expr | None:
    """What has to be made Python's number so that nobody can tell that one of NumPy's stands there.

    Parameters
    ----------
    is_array
        Does an expression stand for one of the arrays, or for a row of one?

    Returns
    -------
    expression
        The number, or what is computed of it; None if nobody can tell.
    """
    above = module.parents.get(node)
    match above:
        case ast.FormattedValue(conversion=conversion):
            return None if conversion == -1 else node
        case ast.Call(func=func) if func is not node:
            return _in_call(node, above, module, is_array)
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            return node if any(mark in text for mark in _TYPES_SHOWN) else None
        case ast.Tuple() if (
            isinstance(outer := module.parents.get(above), ast.BinOp) and outer.right is above
        ):
            return node if telling(above, module, is_array) is not None else None
        case ast.BinOp(op=ast.Div() | ast.Mod() | ast.FloorDiv(), right=right) if (
            right is node or not _is_not_zero(right)
        ):
            return node  # where it is zero, two numbers of Python's raise
        case ast.BinOp(op=ast.Pow(), right=right) if not _is_plain_power(right):
            return node
        case ast.BinOp() | ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            return telling(above, module, is_array)
        case ast.Compare():
            return None if is_test(above, module) else node
        case ast.Assign(targets=[ast.Subscript(value=base)], value=value) if value is node:
            return None if is_array(base) else node
        case ast.AugAssign(target=ast.Subscript(value=base), op=op, value=value) if value is node:
            return None if is_array(base) and isinstance(op, ast.Add | ast.Sub | ast.Mult) else node
        case ast.GeneratorExp(elt=inner) | ast.ListComp(elt=inner) if inner is node:
            is_shown = isinstance(above, ast.ListComp) and not _is_taken_in(above, module)
            return node if is_shown or telling(above, module, is_array) is not None else None
        case ast.Expr():
            return None
    return None if above is not None and _decides(node, above) else node


def _is_plain_power(exponent: ast.expr) -> bool:
    """Is it a power that every number has?"""
    return isinstance(exponent, ast.Constant) and isinstance(exponent.value, int) and exponent.value >= 0


def _is_not_zero(divisor: ast.expr) -> bool:
    return isinstance(divisor, ast.Constant) and bool(divisor.value)


def _in_call(
    node: ast.expr, call: ast.Call, module: Module, is_array: Callable[[ast.expr], bool]
) -> ast.expr | None:
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant):  # "..".format(x)
        shown = call.func.attr == "format" and any(
            mark in str(call.func.value.value) for mark in _TYPES_SHOWN
        )
        return node if shown else None
    name = qualified(call.func, module, scope_of(module, call))
    if name in _SHOWN or name in _TURNED or name.startswith(("numpy.", "math.", "matplotlib.")):
        return None
    if name == "builtins.abs" or (name in _CHOSEN and len(call.args) == 1 and not call.keywords):
        return telling(call, module, is_array)
    if name in _CHOSEN or name == "builtins.sum":  # which give one of what they are given
        return node if telling(call, module, is_array) is not None else None
    return node


def _is_taken_in(made: ast.ListComp, module: Module) -> bool:
    """Is a list given to what looks at its numbers alone?"""
    call = module.parents.get(made)
    name = qualified(call.func, module, scope_of(module, call)) if isinstance(call, ast.Call) else ""
    return name in _CHOSEN or name == "builtins.sum" or name.startswith("numpy.")


def is_test(node: ast.expr, module: Module) -> bool:
    """Does an expression decide something, and is it itself neither kept nor shown?"""
    above = module.parents.get(node)
    if isinstance(above, ast.BoolOp):
        return is_test(above, module)
    return above is not None and _decides(node, above)


def _decides(node: ast.expr, above: ast.AST) -> bool:
    match above:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
            return test is node
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.comprehension(ifs=tests):
            return node in tests
    return False
