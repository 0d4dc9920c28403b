"""Lines of a file that are written anew, each with the line of the user's that it stands for."""

from collections.abc import Sequence

from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, offset

Piece = tuple[int, int, list[tuple[str, int]]]
"""The first and the last line, and what becomes of them."""
Pieces = tuple[list[Piece], tuple[str, ...]]
"""The lines that change, and the names that are bound no more, as results are named."""


def edited(module: Module, first: int, last: int, edits: Sequence[Edit]) -> Piece:
    """Some lines with parts of them replaced."""
    start = offset(module, first, 0)
    moved = [Edit(one.start - start, one.end - start, one.text) for one in edits]
    lines = apply("".join(module.lines[first - 1 : last]), moved).splitlines()
    return first, last, [(line, min(first + number, last)) for number, line in enumerate(lines)]
