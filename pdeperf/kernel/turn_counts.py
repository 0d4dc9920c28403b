"""How many turns a loop takes, told before it runs, and where a turn stores what it adds to a list."""

import ast
from collections.abc import Callable, Sequence

from pdeperf.kernel.sums_as_loops import one_line
from pdeperf.source import Module


def turns_of(module: Module, source: ast.expr) -> str:
    """Text of the number of turns of a loop over something; empty where it is not known."""
    match source:
        case ast.Name(id=name):
            return f"len({name})"
        case ast.Subscript(value=ast.Name(), slice=ast.Slice(step=None) as cut) if all(
            one is None or is_plain(one) for one in (cut.lower, cut.upper)
        ):
            return f"len({one_line(module, source, {})})"
        case ast.Call(func=ast.Name(id="range"), args=[count], keywords=[]) if is_plain(count):
            return not_negative(module, count)
        case ast.Call(func=ast.Name(id="range"), args=[*arguments], keywords=[]):
            known = arguments and all(map(is_plain, arguments))
            return f"len({one_line(module, source, {})})" if known else ""
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=[]):
            return turns_of(module, inner)
        case ast.Call(func=ast.Name(id="zip"), args=[*inner], keywords=[]) if len(inner) > 1:
            lengths = [*dict.fromkeys(turns_of(module, one) for one in inner)]
            several = f"min({', '.join(lengths)})" if len(lengths) > 1 else lengths[0]
            return several if all(lengths) else ""
    return ""


def not_negative(module: Module, count: ast.expr) -> str:
    """Text of a number of turns or of elements, which is zero where it would be less."""
    text = one_line(module, count, {})
    is_length = isinstance(count, ast.Call) or text.isdecimal()
    return text if is_length else f"max({text}, 0)"


def first_of(target: ast.expr, source: ast.expr, text: Callable[[ast.expr], str]) -> str:
    """Where a counter begins that grows by one; empty for other walks."""
    match target, source:
        case ast.Name(), ast.Call(func=ast.Name(id="range"), args=[_]):
            return "0"
        case ast.Name(), ast.Call(func=ast.Name(id="range"), args=[low, _]):
            return text(low)
    return ""


def place_of(counter: str, low: str, first: str) -> str:
    """The place of a turn's element, told by the counter; empty where it has to be counted."""
    if low == first:
        return counter
    count, _, rest = first.partition(" + ")
    if not low.isdecimal():
        return ""
    if not count.isdecimal():
        count, rest = "0", first
    shift = int(count) - int(low)
    moved = f"{counter} {'-' if shift < 0 else '+'} {abs(shift)}" if shift else counter
    return f"{moved} + {rest}" if rest else moved


def added(count: int, lengths: Sequence[str]) -> str:
    """Text of a number and of lengths together."""
    return " + ".join([*([str(count)] if count or not lengths else []), *lengths])


def is_plain(node: ast.expr) -> bool:
    """Is it the same number whenever it is asked for in a statement?"""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(operand=operand):
            return is_plain(operand)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return is_plain(left) and is_plain(right)
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=int() | float() as value)):
            return value != 0 and is_plain(left)
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name()], keywords=[]):
            return True
    return False
