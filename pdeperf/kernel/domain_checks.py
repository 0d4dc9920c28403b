"""Where a kernel looks for numbers that Python's functions do not take: ``math.sqrt(-1.0)``, ``(-1.0)**0.5``.

Compiled, they give not-a-number; ``int(x)`` of one that 64 bits do not hold gives any integer. A ``raise``
in a loop keeps it from being vectorised, so such numbers are counted, and the error is raised after the
outermost loop, which is as good where nobody catches it.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from pdeperf.kernel.kinds import Kind
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.walking import children, nodes_in

_ROOTS = frozenset(("math.sqrt",))
_LOGARITHMS = frozenset(("math.log", "math.log2", "math.log10"))
_SIZES = frozenset("abs math.fabs math.hypot math.sqrt math.exp math.cosh len".split())
_PLAIN = _SIZES | frozenset("min max float math.sin math.cos math.tanh".split())
_ROUNDED = frozenset("numpy.floor numpy.ceil numpy.rint numpy.round numpy.sqrt numpy.abs".split())
_WHOLE = frozenset(("int", "round", "math.floor", "math.ceil", "math.trunc"))
ERROR = 'raise ValueError("math domain error")'
_TOO_LARGE = 'raise OverflowError("a float that 64 bits do not hold becomes an integer")'
_LIMIT = "9.2e18"
_CONDITIONAL = (ast.IfExp, ast.BoolOp, ast.ListComp, ast.GeneratorExp, ast.Lambda)
_HEADED = (ast.For, ast.While, ast.If)


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """A look at some numbers before a statement.

    Attributes
    ----------
    test
        What holds if a number is not taken, as Python text.
    line
        The statement's.
    loop
        The line of the loop after which the error is raised; 0 if it must be raised on the spot.
    error
        The statement that raises it.
    """

    test: str
    line: int
    loop: int
    error: str = ERROR


def domain_checks(
    module: Module,
    lowered: Sequence[ast.stmt],
    kind: Callable[[ast.expr], Kind],
    resolve: Callable[[ast.expr], str],
) -> tuple[DomainCheck, ...]:
    """Checks of what roots, logarithms and powers are taken of, where it may be negative.

    Parameters
    ----------
    kind
        The kind of an expression.
    resolve
        The full name of what is called.
    """
    above = {id(child): node for part in lowered for node in nodes_in(part) for child in children(node)}
    found: dict[DomainCheck, None] = {}
    for part in lowered:
        for node in nodes_in(part):
            if (asked := _asked(node, kind, resolve)) is None:
                continue
            statement = _statement(node, above)
            if statement is not None and owns_lines(module, [statement]) and _is_plain(asked[0], resolve):
                number, bound = asked
                loop = _loop(statement, above, resolve, hangs=_hangs_on)
                test = f"{_operand(number)} {bound} 0"
                found[DomainCheck(test, statement.lineno, loop.lineno if loop else 0)] = None
    found |= dict.fromkeys(_whole_checks(module, lowered, kind, resolve, above))
    return tuple(found)


def _whole_checks(
    module: Module,
    lowered: Sequence[ast.stmt],
    kind: Callable[[ast.expr], Kind],
    resolve: Callable[[ast.expr], str],
    above: Mapping[int, ast.AST],
) -> Iterator[DomainCheck]:
    """Checks of floats that become integers, but for places: there, it would take too long."""
    every = [node for part in lowered for node in nodes_in(part)]
    places = {id(one) for node in every if isinstance(node, ast.Subscript) for one in nodes_in(node.slice)}
    placed = {node.id for node in every if id(node) in places and isinstance(node, ast.Name)}
    for node in every:
        match node:
            case ast.Call(func=func, args=[number], keywords=[]) if id(node) not in places:
                name = resolve(func).removeprefix("builtins.")
                if name not in _WHOLE or kind(number).base not in ("float", "npfloat", "number"):
                    continue
                statement = _statement(node, above)
                if statement is None or not (
                    owns_lines(module, [statement]) and _is_plain(number, resolve, _ROUNDED)
                ):
                    continue
                if not placed & {one.id for one in nodes_in(statement) if _is_bound(one)}:
                    test = f"not -{_LIMIT} < {_operand(number)} < {_LIMIT}"
                    loop = _loop(statement, above, resolve, hangs=_hangs_on_place)
                    yield DomainCheck(test, statement.lineno, loop.lineno if loop else 0, _TOO_LARGE)


def _is_bound(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _asked(
    node: ast.AST, kind: Callable[[ast.expr], Kind], resolve: Callable[[ast.expr], str]
) -> tuple[ast.expr, str] | None:
    """A number that may be out of a function's domain, and the comparison with zero that tells."""
    match node:
        case ast.Call(func=func, args=[number, *_], keywords=[]):
            name = resolve(func)
            if name in _ROOTS and not is_not_negative(number, resolve):
                return number, "<"
            if name in _LOGARITHMS and not _is_positive(number, resolve):
                return number, "<="
        case ast.BinOp(left=number, op=ast.Pow(), right=power):
            is_python = kind(number).base in ("float", "int", "number")
            if is_fraction(power) and is_python and not is_not_negative(number, resolve):
                return number, "<"
    return None


def is_fraction(power: ast.expr) -> bool:
    """Is it a number written there that is not whole: ``0.5``, ``-1.5``, ``1 / 3``?"""
    match power:
        case ast.Constant(value=float() as value):
            return value % 1 != 0
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return is_fraction(operand)
        case ast.BinOp(
            left=ast.Constant(value=int() | float() as one),
            op=ast.Div(),
            right=ast.Constant(value=int() | float() as other),
        ):
            return bool(other) and one / other % 1 != 0
    return False


def is_not_negative(node: ast.expr, resolve: Callable[[ast.expr], str]) -> bool:
    """Is a number zero or more, or not-a-number, whatever it is computed from?"""
    match node:
        case ast.Constant(value=int() | float() as value):
            return value >= 0
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if ast.dump(left) == ast.dump(right):
            return not any(isinstance(part, ast.Call) for part in nodes_in(left))  # of random numbers
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int() | float() as power)) if power % 2 == 0:
            return True
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult() | ast.Div(), right=right):
            return is_not_negative(left, resolve) and is_not_negative(right, resolve)
        case ast.BinOp(left=left, op=ast.Pow()):
            return is_not_negative(left, resolve)
        case ast.Call(func=func, args=args, keywords=[]):
            name = resolve(func).removeprefix("builtins.")
            if name == "max":
                return any(is_not_negative(part, resolve) for part in args)
            return name in _SIZES
    return False


def _is_positive(node: ast.expr, resolve: Callable[[ast.expr], str]) -> bool:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value > 0
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            sides = (left, right), (right, left)
            return any(_is_positive(one, resolve) and is_not_negative(other, resolve) for one, other in sides)
        case ast.Call(func=func, args=args) if resolve(func) == "builtins.max":
            return any(_is_positive(part, resolve) for part in args)
    return False


def _statement(node: ast.AST, above: Mapping[int, ast.AST]) -> ast.stmt | None:
    """The statement that computes an expression whenever it runs."""
    while not isinstance(node, ast.stmt):
        found = above.get(id(node))
        if found is None or isinstance(found, _CONDITIONAL):
            return None
        node = found
    return None if isinstance(node, _HEADED) else node


def _loop(
    statement: ast.stmt,
    above: Mapping[int, ast.AST],
    resolve: Callable[[ast.expr], str],
    *,
    hangs: Callable[[ast.AST, Callable[[ast.expr], str]], bool],
) -> ast.For | None:
    """The outermost loop that comes to its end all the same; None if there is none."""
    found: ast.For | None = None
    node: ast.AST | None = statement
    while (node := above.get(id(node))) is not None and not isinstance(node, ast.While):
        found = node if isinstance(node, ast.For) else found
    return None if found is None or any(hangs(part, resolve) for part in nodes_in(found)) else found


def _hangs_on(node: ast.AST, resolve: Callable[[ast.expr], str]) -> bool:
    """May what a loop does next, or the place that it looks at, hang on a number?"""
    if isinstance(node, ast.Call) and resolve(node.func).removeprefix("builtins.") in _WHOLE:
        return True
    return _hangs_on_place(node, resolve)


def _hangs_on_place(node: ast.AST, resolve: Callable[[ast.expr], str]) -> bool:
    """The same of a number that becomes an integer, which is no place."""
    match node:
        case ast.Return() | ast.Raise() | ast.While() | ast.Assert():
            return True
        case ast.Call(func=func):
            return resolve(func) == "builtins.print"
        case ast.Subscript(slice=index):
            return any(isinstance(part, ast.Subscript | ast.Call) for part in nodes_in(index))
    return False


def _is_plain(
    number: ast.expr, resolve: Callable[[ast.expr], str], others: frozenset[str] = frozenset()
) -> bool:
    """May it be computed twice?"""
    return all(
        resolve(part.func).removeprefix("builtins.") in _PLAIN | others
        for part in nodes_in(number)
        if isinstance(part, ast.Call)
    )


def _operand(number: ast.expr) -> str:
    text = ast.unparse(number)
    plain = isinstance(number, ast.Name | ast.BinOp | ast.Call | ast.Subscript | ast.Attribute | ast.UnaryOp)
    bits = isinstance(number, ast.BinOp) and isinstance(number.op, ast.BitAnd | ast.BitOr | ast.BitXor)
    return text if plain and not bits else f"({text})"
