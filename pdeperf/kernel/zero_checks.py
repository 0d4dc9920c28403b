"""Where a kernel checks divisors, so that a division by zero raises as Python's does.

A check at each division keeps a loop from being vectorised. A divisor that a loop does not change, in a
division that the loop makes whenever it runs, is checked once, before the loop, if the loop runs at all.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.kernel.integer_constants import integer_of
from pdeperf.kernel.list_making import appended
from pdeperf.kernel.syntax import minus_one, number
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import bound_names
from pdeperf.source.walking import children, nodes_in

_STOPS = (ast.Break, ast.Continue, ast.Return, ast.Raise, ast.Assert)
_CONDITIONAL = (ast.If, ast.IfExp, ast.BoolOp, ast.ListComp, ast.GeneratorExp)
_PLAIN = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
ALWAYS = "True"
"""The condition of a loop over a range that is written there."""
_NOWHERE = ast.Pass()


@dataclass(frozen=True, slots=True)
class ZeroCheck:
    """A check of some divisors before a statement.

    Attributes
    ----------
    divisors
        Expressions of which none may be zero.
    runs
        Conditions under which the divisions are made: no loop around them is empty.
    line
        The statement's.
    """

    divisors: tuple[str, ...]
    runs: tuple[str, ...]
    line: int

    @property
    def condition(self) -> str:
        """As Python text."""
        zero = " or ".join(f"{divisor} == 0" for divisor in self.divisors)
        if len(self.divisors) > 1 and self.runs:
            zero = f"({zero})"
        return " and ".join((zero, *self.runs))


def zero_checks(
    module: Module, lowered: Sequence[ast.stmt], divisors: Sequence[ast.expr], *, anywhere: bool = False
) -> tuple[ZeroCheck, ...] | None:
    """The checks that stand for all divisions by ``divisors``; None if one must be made in an inner loop.

    With ``anywhere``, they are made there too.
    """
    above = {id(child): node for part in lowered for node in nodes_in(part) for child in children(node)}
    found: dict[tuple[int, tuple[str, ...]], dict[str, None]] = {}
    for divisor in divisors:
        place = _place(module, divisor, above, anywhere=anywhere)
        if place is None:
            return None
        text = _text(divisor)
        if not any(re.fullmatch(rf"{re.escape(text)} > \d+", condition) for condition in place[1]):
            found.setdefault(place, {})[text] = None
    return tuple(ZeroCheck(tuple(texts), runs, line) for (line, runs), texts in found.items())


def _place(
    module: Module, divisor: ast.expr, above: Mapping[int, ast.AST], *, anywhere: bool
) -> tuple[int, tuple[str, ...]] | None:
    """The line before which a divisor is checked, and what must hold for its loops to run."""
    sizes = {id(part) for node in nodes_in(divisor) if _is_size(node) for part in nodes_in(node)}
    if not all(id(node) in sizes or _is_plain(node) for node in nodes_in(divisor)):
        return None
    node: ast.AST = divisor
    while not isinstance(node, ast.stmt):
        node = above.get(id(node), _NOWHERE)
        if isinstance(node, _CONDITIONAL):
            return None
    if not isinstance(node, ast.stmt) or isinstance(node, ast.For | ast.While | ast.If):
        return None  # in a header
    line, is_hoisted = node.lineno, False
    names, runs = reads(divisor), tuple[str, ...]()
    while isinstance(loop := above.get(id(node)), ast.For) and node in loop.body:
        names |= reads(loop.iter)
        source = list(loop_runs(loop.iter))
        if "" in source or names & _changed(loop) or any(isinstance(part, _STOPS) for part in nodes_in(loop)):
            break
        runs = tuple(dict.fromkeys((*(text for text in source if text != ALWAYS), *runs)))
        node, line, is_hoisted = loop, loop.lineno, True
    is_inner = not (is_hoisted or anywhere) and _is_in_innermost_loop(node, above)
    if is_inner or not owns_lines(module, [node]):
        return None
    return line, runs


def is_never_zero(divisor: ast.expr) -> bool:
    """Is it a number written there, ``np.pi``, or a product of such?"""
    if integer_of(divisor, {}):  # 2**31 - 1
        return True
    match divisor:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Attribute(value=ast.Name(id="np" | "numpy" | "math"), attr="pi" | "e"):
            return True
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return is_never_zero(operand)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return is_never_zero(left) and is_never_zero(right)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() | float())):
            return is_never_zero(left)
        case ast.BinOp(left=left, op=ast.Add(), right=right):  # 1.0 + abs(r)
            sides = _least(left), _least(right)
            return None not in sides and any(sides)
    return False


def _least(node: ast.expr) -> bool | None:
    """Is a number written there positive, or else a size at least not negative? None if neither is known."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value > 0 if value >= 0 else None
        case ast.Call(func=ast.Name(id="abs" | "len") | ast.Attribute(attr="abs" | "fabs" | "hypot")):
            return False
    return None


def _is_plain(node: ast.AST) -> bool:
    return isinstance(node, _PLAIN) or (isinstance(node, ast.Attribute) and is_never_zero(node))


def _is_size(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=ast.Attribute(value=ast.Name(), attr="shape"), slice=ast.Constant()):
            return True
    return False


def _text(divisor: ast.expr) -> str:
    return re.sub(r"(\w) \*\* (\w)", r"\1**\2", ast.unparse(divisor))


def _changed(loop: ast.For) -> frozenset[str]:
    """Names that a loop binds, and lists that it appends to."""
    return writes(loop) | frozenset(appended(node) for node in nodes_in(loop))


def _is_in_innermost_loop(node: ast.AST, above: Mapping[int, ast.AST]) -> bool:
    """Would a check at this statement be made as often as the division itself, element by element?"""
    while (parent := above.get(id(node))) is not None:
        if isinstance(parent, ast.For | ast.While):
            inner = (part for part in nodes_in(parent) if part is not parent)
            return not any(isinstance(part, ast.For | ast.While) for part in inner)
        node = parent
    return False


def loop_runs(source: ast.expr) -> Iterator[str]:
    """Conditions under which a loop over something runs; an empty text where there is none to tell."""
    match source:
        case ast.Call(func=ast.Name(id="range"), args=[stop], keywords=[]):
            yield _more(stop, ast.Constant(0))
        case ast.Call(func=ast.Name(id="range"), args=[start, stop], keywords=[]):
            yield _more(stop, start)
        case ast.Call(func=ast.Name(id="range"), args=[start, stop, step], keywords=[]):
            stride = number(step)
            if stride:
                yield _more(stop, start) if stride > 0 else _more(start, stop)
            else:
                yield ""
        case ast.Call(func=ast.Attribute(attr="product") | ast.Name(id="product"), args=parts, keywords=[]):
            for part in parts:
                yield from loop_runs(part)
        case ast.Call(func=ast.Name(id="zip"), args=[_, *_] as parts, keywords=[]):
            for part in parts:
                yield from loop_runs(part)
        case ast.Call(func=ast.Name(id="enumerate" | "reversed"), args=[part, *_]):
            yield from loop_runs(part)
        case ast.Name(id=name):
            yield f"len({name}) > 0"
        case _:
            yield ""


def surely_bound(statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Names that loops bind which run whatever is given: ``for it in range(20)``."""
    loops = [part for part in statements if isinstance(part, ast.For) and ALWAYS in loop_runs(part.iter)]
    return frozenset(name for loop in loops for name in bound_names(loop.target))


def is_entered(module: Module, loop: ast.stmt) -> bool:
    """Does a loop run for sure, because the ``while`` around it asks: ``while n < nt - 1``?"""
    original = next((node for node in module.all(ast.For) if _stands_at(node, loop)), loop)
    around = module.parents.get(original)
    match around, original:
        case (
            ast.While(test=ast.Compare(left=ast.Name(id=counter), ops=[ast.Lt()], comparators=[last])),
            ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[first, stop], keywords=[])),
        ):
            before = around.body[: around.body.index(original)]
            names = reads(first) | reads(stop)
            if any(writes(part) & names for part in before) or any(
                _stored_parts(part) for part in (first, stop)
            ):
                return False
            low, high = ast.unparse(first), ast.unparse(stop)
            return (low, high) == (counter, ast.unparse(last)) or (
                low == f"{counter} + 1" and minus_one(high) == ast.unparse(last)
            )
    return False


def _stands_at(node: ast.AST, loop: ast.stmt) -> bool:
    return isinstance(node, ast.For) and (node.lineno, node.col_offset) == (loop.lineno, loop.col_offset)


def _stored_parts(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Attribute | ast.Subscript | ast.Call) for part in ast.walk(node))


def _more(stop: ast.expr, start: ast.expr) -> str:
    """``stop > start``, numbers on the right side."""
    low, shift = number(start), 0
    if low is None:
        return f"{ast.unparse(stop)} > {ast.unparse(start)}"
    match stop:
        case ast.BinOp(left=inner, op=ast.Sub(), right=ast.Constant(value=int() as shift)):
            stop = inner
        case ast.BinOp(left=inner, op=ast.Add(), right=ast.Constant(value=int() as more)):
            stop, shift = inner, -more
    high = number(stop)
    if high is not None:
        return ALWAYS if high > low + shift else "False"
    return f"{ast.unparse(stop)} > {low + shift}"
