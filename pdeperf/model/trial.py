"""What happened when old and new ran side by side, and what follows from it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One observable, compared.

    Attributes
    ----------
    observable
        ``u`` (a global), ``solver.u`` (an attribute), ``step():un`` (a local at return),
        ``out.npy`` (a file), ``stdout[3]`` (a printed number), ``plot[0]`` (plotted data).
    l2, linf
        Relative norms of the difference; inf when shapes or finiteness differ.
    allowed
        The bound that both norms are held to.
    worst_index
        Index of the worst cell, ``(12, 7)``.
    note
        What a number cannot say: ``missing``, ``shape (5,) became (6,)``.
    """

    observable: str
    l2: float
    linf: float
    allowed: float
    worst_index: tuple[int, ...] = ()
    note: str = ""

    @property
    def within(self) -> bool:
        """Is the difference no larger than allowed?"""
        return self.l2 <= self.allowed and self.linf <= self.allowed and not self.note


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Paired runs of two versions of one workload.

    Attributes
    ----------
    before_s, after_s
        Wall times of whole runs in fresh processes, paired by position, compiled code cached.
    before_cpu_s, after_cpu_s
        User plus system CPU time of the same runs.
    first_run_s
        Wall time of the new version's first run, compilation counted.
    differences
        Every observable compared, the worst first.
    unstable
        Observables left out because two runs of the original differed.
    unjudged
        Observables left out because rounding errors alone move them further than any bound (chaos).
    failure
        Why the new version did not finish, in one line; empty when it did.
    warnings
        What agrees by the letter and should be looked at: a conserved quantity that drifts.
    pinned
        Environment variables that both sides ran with: thread counts, malloc's thresholds.
    """

    before_s: tuple[float, ...] = ()
    after_s: tuple[float, ...] = ()
    before_cpu_s: tuple[float, ...] = ()
    after_cpu_s: tuple[float, ...] = ()
    first_run_s: float = 0.0
    threaded: bool = False
    differences: tuple[Difference, ...] = ()
    unstable: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    tolerance: str = ""
    failure: str = ""
    warnings: tuple[str, ...] = ()
    pinned: tuple[tuple[str, str], ...] = ()


class Outcome(StrEnum):
    """What a trial shows."""

    ACCEPTED = "accepted"
    UNPROVEN = "unproven"
    SLOWER = "slower"
    WRONG = "wrong"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judge's word on one trial.

    Attributes
    ----------
    speedup
        Median of the paired ratios old / new of whole runs: of their wall times, or of their CPU times where
        :attr:`by_cpu` says so.
    speedup_low, speedup_high
        Interval of that median.
    coverage
        How likely the true median lies in that interval, 0-1.
    first_run_speedup
        Old over the new version's first run, compilation counted.
    reason
        One sentence.
    warnings
        What should be looked at though the outcome is good.
    by_cpu
        Neighbours hid a gain from the wall clock that CPU times show.
    """

    outcome: Outcome
    reason: str
    speedup: float = 0.0
    speedup_low: float = 0.0
    speedup_high: float = 0.0
    first_run_speedup: float = 0.0
    coverage: float = 0.0
    warnings: tuple[str, ...] = ()
    by_cpu: bool = False
