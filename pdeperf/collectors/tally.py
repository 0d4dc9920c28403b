"""Counts how often a place is passed, and says when to look: at hits 1, 2, 4, 8, ...

Standard library only: this is imported by the user's interpreter.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from operator import length_hint


class Tally:
    """A counter that costs one C call a hit, with no Python frame.

    ``due()`` is True at hits 1, 2, 4, 8, ... and False in between: a chain of C iterators, whose
    Python generator is resumed only when the hits have doubled. The count is read off the
    remaining length of the current run of False.
    """

    def __init__(self) -> None:
        self._looked_at = 0
        self._quiet: Iterator[bool] = repeat(False, 0)
        self.due: Callable[[], bool] = chain.from_iterable(self._blocks()).__next__

    def _blocks(self) -> Iterator[Iterable[bool]]:
        hits = 1
        while True:
            self._looked_at = hits
            self._quiet = repeat(False, hits - 1)
            yield (True,)
            yield self._quiet
            hits *= 2

    @property
    def count(self) -> int:
        """Hits so far."""
        if not self._looked_at:
            return 0
        return self._looked_at + (self._looked_at - 1 - length_hint(self._quiet))
