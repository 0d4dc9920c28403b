"""Long lines broken where an expert would break them: before operators, inside parentheses."""

import re
from collections.abc import Iterator

WIDTH = 96
_LEAD = 4
_OPERATORS = re.compile(r" (?=(?:\+|-|\*|/|//|%|and|or|if|else) )")

_ASSIGNED = re.compile(r"(?P<head>.*?) (?P<sign>(?:\*\*|//|[-+*/%])?=) (?P<value>.*)")
"""An assignment, and one that changes what is there: ``u += v``."""

_KEPT = re.compile(r"(?P<head>\w+\.append)\(\((?P<parts>.*)\)\)")
"""Several things put into a list as one: ``stores.append((row, column, value))``."""

_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")

_CALLED = re.compile(r"\s*[\w.]+ = [\w.]+\((?!.*\) [^\w\s])")
"""An assignment of what one function gives."""

_TIGHTNESS = {"a": 0.0, "o": 0.0, "i": 0.0, "e": 0.0, "+": 0.3, "-": 0.3, "*": 0.6, "/": 0.6, "%": 0.6}
"""How closely an operator binds, by its first letter: a line is broken at the loosest."""


def wrapped(row: str, width: int = WIDTH) -> list[str]:
    """A line of code as one or more lines of at most ``width`` characters where that can be.

    Only assignments, ``if`` lines, bounds of ``range``, several things returned and what is appended together
    are broken: not part of a statement, nor a line with a comment.
    """
    if len(row) <= width or "#" in row or any(row.count(a) != row.count(b) for a, b in ("()", "[]", "{}")):
        return [row]
    indent = row[: len(row) - len(row.lstrip())]
    body = row.strip()
    if body.startswith(("if ", "elif ")) and body.endswith(":"):
        word, _, rest = body.partition(" ")
        return _broken(f"{indent}{word} (", rest[:-1], "):", indent, width)
    if body.startswith("for ") and body.endswith("):") and " in range(" in body:
        loop, _, bounds = body.partition(" in range(")
        return [f"{indent}{loop} in range(", f"{indent}{' ' * _LEAD}{bounds[:-2]}", f"{indent}):"]
    if kept := _KEPT.fullmatch(body):
        parts = _split(kept["parts"])
        inner = [row for part in parts for row in _parts(f"{part},", width - len(indent) - _LEAD)]
        return [f"{indent}{kept['head']}((", *(f"{indent}{' ' * _LEAD}{one}" for one in inner), f"{indent}))"]
    if body.startswith("return "):
        parts = _split(body.removeprefix("return "))
        if len(parts) == 1:
            return _broken(f"{indent}return (", parts[0], ")", indent, width)
        rows = [row for part in parts for row in _parts(f"{part},", width - len(indent) - _LEAD)]
        return [f"{indent}return (", *(f"{indent}{' ' * _LEAD}{one}" for one in rows), f"{indent})"]
    found = _ASSIGNED.match(body)
    if found is None or found["head"].count("(") != found["head"].count(")"):
        return [row]
    return _broken(f"{indent}{found['head']} {found['sign']} (", found["value"], ")", indent, width)


def long_lines(row: str, width: int = WIDTH) -> Iterator[str]:
    """A line, and a call that is too long after its commas."""
    if (
        len(row) <= width
        or "(" not in row
        or (" = " in row.split("(")[0] and not _CALLED.match(row))
        or "#" in row
    ):
        yield from wrapped(row, width)
        return
    indent, rest = row[: len(row) - len(row.lstrip())], row.strip()
    begun = 0
    for place in _commas(rest):
        following = next((each for each in _commas(rest) if each > place), len(rest))
        if len(indent) + (_LEAD if begun else 0) + following - begun > width and place > begun:
            yield f"{indent}{' ' * _LEAD if begun else ''}{rest[begun : place + 1]}"
            begun = place + 2
    yield f"{indent}{' ' * _LEAD if begun else ''}{rest[begun:]}"


def _commas(text: str, depth: int = 0) -> Iterator[int]:
    """Places of commas inside brackets and outside of strings, after which a line may end."""
    quoted = [match.span() for match in _STRINGS.finditer(text)]
    for place, character in enumerate(text):
        if any(start <= place < end for start, end in quoted):
            continue
        depth += (character in "([{") - (character in ")]}")
        if depth > 0 and text[place : place + 2] == ", ":
            yield place


def _split(text: str) -> list[str]:
    """The parts between commas that stand outside of brackets and strings."""
    places = [place for place in _commas(text, 1) if _depth(text[:place]) == 0]
    return [text[a:b].lstrip(", ") for a, b in zip([0, *places], [*places, len(text)], strict=True)]


def _broken(head: str, value: str, tail: str, indent: str, width: int) -> list[str]:
    inner = indent + "    "
    return [head, *(inner + part for part in _parts(value, width - len(inner))), indent + tail]


def _parts(text: str, width: int, opened: int = 0) -> list[str]:
    """Pieces of an expression, broken where it hangs together least: after commas, and before operators."""
    if len(text) <= width:
        return [text]
    depth = opened
    places: list[tuple[float, int]] = []
    quoted = [match.span() for match in _STRINGS.finditer(text)]
    operators = {
        match.start()
        for match in _OPERATORS.finditer(text)
        if not any(start < match.start() < end for start, end in quoted)
    }
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if place in operators:
            places.append((depth + _TIGHTNESS.get(text[place + 1], 0.3), place))
    commas = [place + 1 for place in _commas(text, opened) if width // 3 < place < width]
    places += [(opened + _depth(text[:place]), place) for place in commas]
    fitting = [(depth, -place) for depth, place in places if 0 < place <= width]
    if not fitting:
        return [text]
    place = -min(fitting)[1]
    return [text[:place], *_parts(text[place + 1 :], width, opened + _depth(text[:place]))]


def _depth(text: str) -> int:
    """How many brackets more are opened than closed."""
    return sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))
