"""Lists that become arrays together, and where they are built by ``append`` again and again."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.counted_lists import Filled
from pdeperf.kernel.counted_rows import filled_again, rows_of
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.list_walks import ListWalks
from pdeperf.source.scopes import uses_of

Uses = Sequence[ast.Name | ast.Attribute]


@dataclass(slots=True, kw_only=True)
class ListGrowth(ListWalks):
    """Lists that become arrays together, and what fills them.

    Attributes
    ----------
    counters
        New variables that count what is stored in each.
    """

    counters: dict[Slot, tuple[str, ...]] = field(default_factory=dict)
    _fills: dict[Slot, tuple[Filled, ...]] = field(default_factory=dict)
    _of_rows: set[int] = field(default_factory=set)

    def grown(self, uses: Uses, depth: int) -> tuple[Uses, bool]:
        """The other uses of a list besides those that build it, and whether there are any that do."""
        for whole in rows_of(uses, self.module):
            self.add(self.slot_of(whole), depth + 1)
            self._filled(whole)
        filled = self._filled(uses[0], uses) if uses else ()
        left = [node for node in uses if not any(one.holds(node) for one in filled)]
        return [node for node in left if id(node) not in self._of_rows], bool(filled)

    def _filled(self, name: ast.expr, uses: Uses = ()) -> tuple[Filled, ...]:
        """The places where a list is built by ``append`` again and again."""
        slot = self.slot_of(name)
        if slot is None or slot in self._fills:
            return self._fills[slot] if slot is not None else ()
        every = uses or [node for node in uses_of(slot.name, self.module) if self.slot_of(node) == slot]
        others = [node for node in every if id(node) not in self._of_rows]
        filled = self._fills[slot] = filled_again(others, self.values, self.depths[slot])
        if any(id(one.statements[0]) in self.inside for one in filled):
            raise NoArrayError("compiled code makes the list")
        for one in filled:
            self.edits |= one.edits
            self.counters[slot] = (*self.counters.get(slot, ()), *one.counters)
            self.has_stores = True
            for row in one.rows:
                self._of_rows.add(id(row))
                self.add(self.slot_of(row), self.depths[slot] - 1)
        return filled
