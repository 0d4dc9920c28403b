"""What was run here before."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """One profile, optimisation or validation.

    Attributes
    ----------
    created
        ISO 8601 time in UTC.
    command
        ``profile``, ``optimize`` or ``validate``.
    against
        The baseline's name; empty for a session.
    elapsed_s
        Median wall time of the script as it was then; 0 where it was not timed.
    speedup, speedup_low, speedup_high
        Old over new; 0 where nothing was compared.
    word
        How it ended: ``profiled``, ``optimised``, ``pass``, ``fail``, ...
    """

    created: str
    command: str
    script: str
    argv: tuple[str, ...] = ()
    against: str = ""
    elapsed_s: float = 0.0
    speedup: float = 0.0
    speedup_low: float = 0.0
    speedup_high: float = 0.0
    word: str = ""
    machine: str = ""
