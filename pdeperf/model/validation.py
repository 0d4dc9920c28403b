"""What holding a script to its baseline showed."""

from dataclasses import dataclass

from pdeperf.model.report import Comparison
from pdeperf.model.trial import Outcome

WORDS = {
    Outcome.ACCEPTED: "pass",
    Outcome.WRONG: "fail",
    Outcome.SLOWER: "slower",
    Outcome.UNPROVEN: "inconclusive",
    Outcome.FAILED: "failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InputResult:
    """The new version, tried with other arguments: results only.

    Attributes
    ----------
    outcome
        ``accepted`` where the results agree; ``unproven`` where nothing could be compared.
    """

    argv: tuple[str, ...]
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvergenceOrder:
    """How fast one result converges as the resolution grows, before and after.

    Attributes
    ----------
    resolutions
        The values of the parameter, coarse to fine.
    before, after
        Observed orders between the last three resolutions.
    """

    observable: str
    parameter: str
    resolutions: tuple[float, ...]
    before: float
    after: float
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One validation.

    Attributes
    ----------
    comparison
        Old and new, side by side, with the baseline's arguments.
    notes
        What differed around them: the machine, the versions, the baseline's own numbers.
    exit_code
        0 pass or warn, 1 results differ, 3 too slow, 5 inconclusive, 6 failed.
    """

    script: str
    baseline: str
    comparison: Comparison
    inputs: tuple[InputResult, ...] = ()
    orders: tuple[ConvergenceOrder, ...] = ()
    notes: tuple[str, ...] = ()
    exit_code: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be looked at though nothing failed."""
        return (*self.comparison.verdict.warnings, *self.notes)

    @property
    def word(self) -> str:
        """The verdict: pass, warn, fail, slower, inconclusive or failed."""
        outcome = self.comparison.verdict.outcome
        if outcome is Outcome.ACCEPTED and self.comparison.verdict.warnings:
            return "warn"
        return WORDS[outcome]
