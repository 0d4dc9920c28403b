"""What may make a place fast, or why nothing was proposed."""

from dataclasses import dataclass
from enum import StrEnum

from pdeperf.model.diagnosis import Diagnosis
from pdeperf.model.span import Span


class Safety(StrEnum):
    """How far a rewrite may move the answer."""

    EXACT = "exact"
    """Same operations in the same order: equal to the bit."""
    ROUNDING = "rounding"
    """Re-associated, fused or another library's elementary function: equal to rounding."""
    OPT_IN = "opt-in"
    """Rests on what cannot be checked: applied only when asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One file, before and after, as whole text."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A proposed rewrite.

    Attributes
    ----------
    title
        What was done, in one line: ``compile lines 20-31 as one Numba kernel``.
    assumes
        What the rewrite rests on and checks at run time, or leaves to the trial; one sentence each.
    forgets
        Module-level names that the rewritten script no longer binds because nothing reads
        them (loop counters, temporaries): not compared. ``loop u`` is what ``u`` holds while a loop runs.
    has_rivals
        It is one of several ways that only measurement can tell apart: all are tried, the fastest kept.
    """

    backend: str
    title: str
    diagnosis: Diagnosis
    patches: tuple[Patch, ...]
    safety: Safety
    assumes: tuple[str, ...] = ()
    forgets: tuple[str, ...] = ()
    has_rivals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a backend left a place alone, and what the user can do."""

    backend: str
    diagnosis: Diagnosis
    where: Span
    reason: str
    advice: str = ""
