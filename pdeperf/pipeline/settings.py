"""How the flow is asked for, and how it answers when it cannot go on."""

import sys
from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    """Is told what happens now."""

    def __call__(self, stage: str, detail: str = "") -> None:
        """``stage`` is a word or two, ``detail`` a few more."""
        ...


class PipelineError(Exception):
    """What was asked for cannot be done; the message is one line for the user."""

    def __init__(self, message: str, *, exit_code: int = 6) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the flow is run.

    Attributes
    ----------
    interpreter
        The user's Python.
    threshold
        Places below this share of the time are left alone, 0-1.
    min_speedup
        A rewrite is kept from this whole-script speedup on.
    first_run
        Keep only what is faster in its first run already, compilation counted.
    allow_opt_in
        Also try what rests on assumptions that cannot be checked.
    views
        Additional profiler views, ``memory``.
    budget_s
        Nothing more is begun after so long; 0 for a limit that follows the script's own time.
    """

    interpreter: str = sys.executable
    threshold: float = 0.03
    min_speedup: float = 1.1
    first_run: bool = False
    allow_opt_in: bool = False
    max_passes: int = 12
    budget_s: float = 0.0
    timeout_s: float = 600.0
    views: frozenset[str] = frozenset()
