"""Long lines broken where an expert would break them: before operators, inside parentheses."""

import re

WIDTH = 96
_OPERATORS = re.compile(r" (?=(?:\+|-|\*|/|//|%|and|or|if|else) )")

_TIGHTNESS = {"a": 0.0, "o": 0.0, "i": 0.0, "e": 0.0, "+": 0.3, "-": 0.3, "*": 0.6, "/": 0.6, "%": 0.6}
"""How closely an operator binds, by its first letter: a line is broken at the loosest."""


def wrapped(row: str, width: int = WIDTH) -> list[str]:
    """A line of code as one or more lines of at most ``width`` characters where that can be.

    Only assignments and ``if`` lines are broken.
    """
    if len(row) <= width:
        return [row]
    indent = row[: len(row) - len(row.lstrip())]
    body = row.strip()
    if body.startswith(("if ", "elif ")) and body.endswith(":"):
        word, _, rest = body.partition(" ")
        return _broken(f"{indent}{word} (", rest[:-1], "):", indent, width)
    head, equals, value = body.partition(" = ")
    if not equals or head.count("(") != head.count(")"):
        return [row]
    return _broken(f"{indent}{head} = (", value, ")", indent, width)


def _broken(head: str, value: str, tail: str, indent: str, width: int) -> list[str]:
    inner = indent + "    "
    return [head, *(inner + part for part in _parts(value, width - len(inner))), indent + tail]


def _parts(text: str, width: int) -> list[str]:
    """Pieces of an expression, broken at its outermost operators first."""
    if len(text) <= width:
        return [text]
    depth = 0
    places: list[tuple[float, int]] = []
    operators = {match.start() for match in _OPERATORS.finditer(text)}
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if place in operators:
            places.append((depth + _TIGHTNESS.get(text[place + 1], 0.3), place))
    fitting = [(depth, -place) for depth, place in places if 0 < place <= width]
    if not fitting:
        return [text]
    place = -min(fitting)[1]
    return [text[:place], *_parts(text[place + 1 :], width)]
