"""Loops over the edges of a grid, of one range each, in one loop: short to run, but each costs to compile.

A compiler takes for a loop over an edge as long as for one over all cells: it unrolls it and makes vectors
of it. Statements about the four edges of five arrays become twenty such loops, which are most of what a
first run waits for. They are moved over what stands between them only where nothing that it reads or
writes is touched, and put together only where each turn stays apart from all other turns.
"""

import ast
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.arrays.loops.costs import turns_of
from pdeperf.arrays.loops.touched import Access, NotSimpleError, Touched, never_meet, root_of, touched_by

Lines = list[str]
_SHORT = 8
"""So many times fewer cells than the longest nest of loops goes through, and a loop is short."""


@dataclass(slots=True)
class _Part:
    """A statement of a block, or several loops as one.

    Attributes
    ----------
    above
        Comments.
    heads
        The first lines of a short nest of loops, one within the other; empty for anything else.
    touched
        None for what nothing may be moved over.
    """

    above: Lines
    heads: Lines
    body: Lines
    touched: Touched | None


def with_edges_together(
    lines: Lines, counters: frozenset[str], seen: Mapping[str, int], library: str
) -> Lines:
    """A region's text with its short loops of one range put together.

    Parameters
    ----------
    counters
        Variables of loops over cells.
    seen
        Values of names and of ``u.shape[0]`` and the like.
    library
        The user's name of NumPy.
    """
    if any("\n" in row for row in lines):
        return lines
    tree = ast.parse("\n".join(lines))
    most = max(_turns(tree.body, counters, seen, 1.0), default=0.0)
    return _Blocks(lines, counters, seen, library, most).text(tree.body, 0, len(lines), 1.0)


class _Blocks:
    """Puts the loops of blocks together."""

    def __init__(
        self, lines: Lines, counters: frozenset[str], seen: Mapping[str, int], library: str, most: float
    ) -> None:
        self._lines, self._counters, self._seen = lines, counters, seen
        self._library, self._most = library, most

    def text(self, body: Sequence[ast.stmt], first: int, stop: int, turns: float) -> Lines:
        """The lines of a block from one to another.

        Parameters
        ----------
        turns
            How often the block runs.
        """
        parts: list[_Part] = []
        at = first
        for node in body:
            if node.lineno - 1 < at:  # two statements in one line
                return self._lines[first:stop]
            _add(parts, self._part(node, self._lines[at : node.lineno - 1], turns))
            at = node.end_lineno or node.lineno
        rows = [row for part in parts for row in (*part.above, *part.heads, *part.body)]
        return rows + self._lines[at:stop]

    def _part(self, node: ast.stmt, above: Lines, turns: float) -> _Part:
        try:
            touched = touched_by(node, self._counters, self._library)
        except NotSimpleError:
            touched = None
        if touched is not None and (short := self._short(node, turns)) is not None:
            heads, body = short
            return _Part(above, heads, body, touched)
        return _Part(above, [], self._inside(node, turns), touched)

    def _inside(self, node: ast.stmt, turns: float) -> Lines:
        """A statement's text, the loops of its block put together; an ``else`` as it is."""
        own = self._lines[node.lineno - 1 : node.end_lineno]
        if not isinstance(node, ast.For | ast.While | ast.If) or self._is_over_cells(node):
            return own
        start, stop = node.body[0].lineno - 1, node.body[-1].end_lineno or node.lineno
        while start > node.lineno and self._lines[start - 1].strip().startswith("#"):
            start -= 1
        if start < node.lineno:
            return own
        often = turns * (turns_of(node, self._seen) if isinstance(node, ast.For) else 1.0)
        inner = self.text(node.body, start, stop, often)
        return [*self._lines[node.lineno - 1 : start], *inner, *self._lines[stop : node.end_lineno]]

    def _is_over_cells(self, node: ast.stmt) -> bool:
        return isinstance(node, ast.For) and _counter_of(node) in self._counters

    def _short(self, node: ast.stmt, turns: float) -> tuple[Lines, Lines] | None:
        """The heads and the body of a nest of loops over few cells, each of which only assigns."""
        heads: Lines = []
        cell: Sequence[ast.stmt] = [node]
        while len(cell) == 1 and isinstance(loop := cell[0], ast.For):
            if not self._is_over_cells(loop) or loop.orelse or loop.body[0].lineno != loop.lineno + 1:
                return None
            heads.append(self._lines[loop.lineno - 1])
            turns *= turns_of(loop, self._seen)
            cell = loop.body
        simple = all(isinstance(each, ast.Assign) and len(each.targets) == 1 for each in cell)
        if not heads or not simple or turns * _SHORT > self._most:
            return None
        return heads, self._lines[cell[0].lineno - 1 : cell[-1].end_lineno]


def _counter_of(loop: ast.For) -> str:
    return loop.target.id if isinstance(loop.target, ast.Name) else ""


def _turns(
    body: Sequence[ast.stmt], counters: frozenset[str], seen: Mapping[str, int], turns: float
) -> Iterator[float]:
    """How many turns each loop over cells makes in all."""
    for node in body:
        often = turns * turns_of(node, seen) if isinstance(node, ast.For) else turns
        if isinstance(node, ast.For) and _counter_of(node) in counters:
            yield often
        for block in ("body", "orelse"):
            yield from _turns(getattr(node, block, []), counters, seen, often)


def _add(parts: list[_Part], part: _Part) -> None:
    """Put a part behind others, or into one of them, or one of them into it."""
    for position in range(len(parts) - 1, -1, -1) if part.heads else ():
        other = parts[position]
        if other.touched is None:
            break
        if other.heads != part.heads or not _go_together(other, part):
            continue
        between = parts[position + 1 :]
        if all(_may_change_places(other, each) for each in between):
            parts[position:] = [*between, _joined(other, part)]
            return
        if all(_may_change_places(each, part) for each in between):
            parts[position] = _joined(other, part)
            return
    parts.append(part)


def _joined(one: _Part, other: _Part) -> _Part:
    assert one.touched is not None
    assert other.touched is not None
    both = one.touched.and_of(other.touched)
    return _Part([*one.above, *other.above], one.heads, _without_overwritten([*one.body, *other.body]), both)


def _without_overwritten(rows: Lines) -> Lines:
    """A cell's statements less those that put a value where a later one puts another, unread until then."""
    body = ast.parse(textwrap.dedent("\n".join(rows))).body
    gone: set[int] = set()
    for number, node in enumerate(body):
        if not isinstance(node, ast.Assign) or not isinstance(target := node.targets[0], ast.Subscript):
            continue
        for later in body[number + 1 :]:
            assert isinstance(later, ast.Assign)
            read = (part for part in ast.walk(later.value) if isinstance(part, ast.Subscript))
            if any(root_of(part) == root_of(target) for part in read):
                break
            if ast.unparse(later.targets[0]) == ast.unparse(target):
                gone |= {*range(node.lineno - 1, node.end_lineno or node.lineno)}
                break
    return [row for number, row in enumerate(rows) if number not in gone]


def _go_together(one: _Part, other: _Part) -> bool:
    """Does each turn of two loops touch nothing that another turn of the other loop does?"""
    counters = frozenset(row.split()[1] for row in one.heads)

    def is_one_turn(mine: Access, theirs: Access) -> bool:
        if mine.places is None or theirs.places is None or len(mine.places) != len(theirs.places):
            return False
        return counters == {
            a.counter
            for a, b in zip(mine.places, theirs.places, strict=True)
            if a is not None
            and b is not None
            and a.counter
            and (a.counter, a.offset) == (b.counter, b.offset)
        }

    return _apart(one, other, is_one_turn)


def _may_change_places(one: _Part, other: _Part) -> bool:
    return _apart(one, other, never_meet)


def _apart(one: _Part, other: _Part, suits: Callable[[Access, Access], bool]) -> bool:
    """Does neither read what the other writes, nor write it too, but for elements that suit?"""
    mine, theirs = one.touched, other.touched
    if mine is None or theirs is None:
        return False
    for name in mine.written & (theirs.read | theirs.written) | theirs.written & mine.read:
        pairs = [(a, b) for a in mine.of(name) for b in theirs.of(name) if a.is_store or b.is_store]
        if not pairs or not all(never_meet(a, b) or suits(a, b) for a, b in pairs):
            return False
    return True
