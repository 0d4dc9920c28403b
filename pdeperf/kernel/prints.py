"""What a kernel may print: text and numbers, which Numba's ``print`` writes as Python's does.

Numba has no formats. ``print(f"step {n} error {err}")`` becomes ``print("step", n, "error", err)``, which
writes the same line; ``{err:.3e}`` cannot be compiled.
"""

import ast
import json
from collections.abc import Callable, Iterator, Sequence

from pdeperf.kernel.kinds import UNKNOWN, Kind

PRINTED = frozenset(("int", "npint", "float", "npfloat", "bool", "str"))
"""Kinds of which the text is the same."""

Part = ast.Constant | ast.Name


def parts_printed(node: ast.expr) -> list[ast.expr] | None:
    """What ``print`` is to be given in place of one argument; None if nothing does."""
    match node:
        case ast.JoinedStr(values=values):
            return _separate(values)
        case ast.Constant(value=str() | int() | float()) | ast.Name() | ast.Subscript() | ast.Attribute():
            return [node]
        case _:
            return None


def _separate(values: Sequence[ast.expr]) -> list[ast.expr] | None:
    """The pieces of an f-string, where a space stands between each two."""
    pieces: list[Part] = []
    for value in values:
        match value:
            case ast.Constant():
                pieces.append(value)
            case ast.FormattedValue(value=ast.Name() as name, conversion=-1, format_spec=None):
                pieces.append(name)
            case _:
                return None
    found: list[ast.expr] = []
    for index, piece in enumerate(pieces):
        if isinstance(piece, ast.Name):
            if index and isinstance(pieces[index - 1], ast.Name):
                return None  # nothing between two values
            found.append(piece)
            continue
        text, first, last = str(piece.value), index == 0, index == len(pieces) - 1
        if not first and not last and text == " ":
            continue
        if (not first and not text.startswith(" ")) or (not last and not text.endswith(" ")):
            return None
        found.append(ast.copy_location(ast.Constant(text[0 if first else 1 : None if last else -1]), piece))
    return found


def written(parts: Sequence[ast.expr]) -> str:
    """Names and texts as arguments."""
    return ", ".join(
        part.id if isinstance(part, ast.Name) else json.dumps(ast.literal_eval(part), ensure_ascii=False)
        for part in parts
    )


def printed(statements: Sequence[ast.stmt]) -> Iterator[ast.Call]:
    """Every call of ``print``."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                yield node


def names_printed(statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Variables that are printed, whose very type shows therefore."""
    given = [argument for call in printed(statements) for argument in call.args]
    return frozenset(argument.id for argument in given if isinstance(argument, ast.Name))


def steady(
    name: str, statements: Sequence[ast.stmt], kind_of: Callable[[ast.expr], Kind], given: Kind
) -> bool:
    """Is a variable a number of one type wherever it is bound?"""
    kinds = set() if given == UNKNOWN else {given}
    for statement in statements:
        for node in ast.walk(statement):
            match node:
                case ast.Assign(targets=targets, value=value):
                    if any(_binds(part, name) for target in targets for part in ast.walk(target)):
                        plain = all(isinstance(target, ast.Name) for target in targets)
                        kinds.add(kind_of(value) if plain else UNKNOWN)
                case ast.AugAssign(target=ast.Name(id=bound_name), op=op, value=value) if bound_name == name:
                    kinds.add(kind_of(ast.BinOp(ast.Name(name, ast.Load()), op, value)))
    return len(kinds) <= 1 and UNKNOWN not in kinds


def _binds(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
