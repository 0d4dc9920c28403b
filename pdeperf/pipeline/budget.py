"""How long an optimisation may take, and what is left of it."""

import time
from collections.abc import Callable

RUNS_COUNT = 10.0
"""Without a limit of the user's own: as long as so many runs of the script."""
LEAST_S = 900.0
PATIENCE_S = 60.0
"""Until then everything is tried that may show."""
RUNS_PER_SPEEDUP_COUNT = 80.0
"""To be twice as fast is worth so many runs of the script, a tenth of that gain a tenth of them."""
_SHORT_S = 3.0


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
        self._script_s = _SHORT_S
        self.limit_s = asked_s or LEAST_S

    def settle(self, script_s: float) -> None:
        """Take note of how long the script takes."""
        self._script_s = max(script_s, _SHORT_S)
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

    def unrewarded(self, speedup: float) -> str:
        """Why a gain like this is not worth a further try; empty where it is, or the user told the limit."""
        spent_s = self._clock() - self._begun_s
        worth_s = (speedup - 1.0) * RUNS_PER_SPEEDUP_COUNT * self._script_s
        if self._asked_s or spent_s < PATIENCE_S or worth_s > spent_s:
            return ""
        return f"after {spoken(spent_s)} it is not tried: {max(speedup, 1.0):.2g}x is the most to gain"


def spoken(seconds: float) -> str:
    """A time in the unit that suits it: ``40 s``, ``15 min``."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
