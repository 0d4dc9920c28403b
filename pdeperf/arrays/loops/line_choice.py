"""Which statements of a region go line by line, and which arrays only these use."""

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pdeperf.arrays.loops.coverage import covered
from pdeperf.arrays.loops.line_parts import Lines
from pdeperf.arrays.loops.line_writer import LineWriter
from pdeperf.arrays.loops.lines import lines_at
from pdeperf.arrays.loops.private import is_private
from pdeperf.arrays.loops.schedule import Form
from pdeperf.arrays.program import Item, Nested
from pdeperf.arrays.sizes import ONE, Unequal

if TYPE_CHECKING:
    from pdeperf.arrays.loops.write import Writer


class LineChoice:
    """Finds what goes line by line in a region, once for each place."""

    def __init__(self, writer: "Writer") -> None:
        self._writer, self._names, self._sizes = writer, writer._names, writer._sizes
        self._found: dict[int, tuple[Lines, int] | None] = {}

    def at(self, items: Sequence[Item]) -> tuple[Lines, int] | None:
        """The lines that some items begin with, if it is worth while to go by lines."""
        if not self._writer.in_order:
            return None
        if id(items[0]) not in self._found:
            found = lines_at(items, self._names, self._sizes, self._writer._recompute)
            if found is not None and not self._can_go(found[0]):
                found = None
            self._found[id(items[0])] = found
        return self._found[id(items[0])]

    def _can_go(self, lines: Lines) -> bool:
        """Does it gain anything, and is what is computed again for other lines the same each time?"""
        uniform = {number for number, memory in enumerate(lines.memories) if memory.is_uniform}
        if not uniform <= covered(lines, self._names, self._sizes).keys():
            return False
        is_seen = any(lines.memories[number].is_kept for number in uniform)
        if is_seen or any(part.numbers for part in lines.parts):
            try:
                for count in lines.counts:  # else they are not computed at all
                    self._sizes.require_at_least(count, ONE)
            except Unequal:
                return False
        has_copies = bool(LineWriter(self._writer, lines, frozenset()).packed)
        return has_copies or (self._writer.form is Form.LINES and len(lines.parts) > 1)

    def _all(self, items: Sequence[Item]) -> Iterator[Lines]:
        """All that goes by lines, in inner blocks too."""
        done = 0
        for position, item in enumerate(items):
            if position < done:
                continue
            if (found := self.at(items[position:])) is not None:
                yield found[0]
                done = position + found[1]
            elif isinstance(item, Nested):
                for block in item.blocks.values():
                    yield from self._all(block)

    def private_arrays(self, items: Sequence[Item]) -> frozenset[str]:
        """Arrays of which nothing but lines that have just written them reads anything."""
        uses: dict[str, list[ast.stmt]] = {}
        for lines in self._all(items):
            for number in covered(lines, self._names, self._sizes):
                memory = lines.memories[number]
                if not memory.is_made:
                    statements = [each for part in lines.parts for each in part.run.statements]
                    uses.setdefault(memory.buffer.name, []).extend(statements)
        return frozenset(name for name, parts in uses.items() if is_private(name, self._names, parts))
