"""What a region has become."""

from dataclasses import dataclass

from pdeperf.arrays.ir import Buffer


@dataclass(slots=True)
class Written:
    """The text of a region.

    Attributes
    ----------
    checks
        Conditions on sizes under which the text computes the same.
    counters
        Variables of the loops that were written.
    arrays
        New names, and arrays like those that they stand for.
    helpers
        Functions that it calls, by their names in :data:`pdeperf.arrays.definitions.HELPERS`.
    stale
        Names that do not stand for what the statements would have left them for, and that nobody reads.
    shared
        Counters of loops whose turns may run at the same time, by the way in which they were made.
    behind
        Names whose arrays have their values only when a loop that stays in Python is over.
    is_tiled
        Several steps of a time loop share a sweep over the rows.
    has_lines
        Statements go a few lines at a time together.
    """

    lines: list[str]
    checks: tuple[str, ...]
    counters: frozenset[str]
    exact: bool
    arrays: dict[str, Buffer]
    helpers: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()
    is_tiled: bool = False
    has_lines: bool = False
