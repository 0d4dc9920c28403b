"""How long an optimisation may take, and what is left of it."""

import time
from collections.abc import Callable

RUNS_COUNT = 10.0
"""Without a limit of the user's own: as long as so many runs of the script."""
LEAST_S = 900.0


class Budget:
    """The time that an optimisation may take, counted from here on.

    What is begun is brought to its end: it may take one trial longer.

    Parameters
    ----------
    asked_s
        The user's limit; 0 for :data:`RUNS_COUNT` runs of the script, and :data:`LEAST_S` at least.
    """

    def __init__(self, asked_s: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._asked_s = asked_s
        self._clock = clock
        self._begun_s = clock()
        self.limit_s = asked_s or LEAST_S

    def settle(self, script_s: float) -> None:
        """Take note of how long the script takes."""
        self.limit_s = self._asked_s or max(LEAST_S, RUNS_COUNT * script_s)

    @property
    def left_s(self) -> float:
        """What is left; 0 where nothing is."""
        return max(self.limit_s - (self._clock() - self._begun_s), 0.0)

    @property
    def spent(self) -> str:
        """Why nothing more is begun; empty as long as there is time."""
        if self.left_s:
            return ""
        return f"the {spoken(self.limit_s)} that this may take are used up"


def spoken(seconds: float) -> str:
    """A time in the unit that suits it: ``40 s``, ``15 min``."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
