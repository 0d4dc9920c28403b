"""What was measured, as flat rows, and the hotspots derived from them."""

from dataclasses import dataclass

from pdeperf.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The machine that the evidence was taken on."""

    cpu_model: str
    cores_count: int
    threads_count: int
    python_version: str
    platform: str
    versions: tuple[tuple[str, str], ...] = ()
    gpu: str = ""
    memory_bandwidth_bytes_per_s: float = 0.0
    scalar_rate_per_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One fact: a collector saw this value of this metric there.

    ``subject`` says whose value it is where a place alone does not: a variable
    (``un``, ``self.u``), a library (``scipy.sparse.linalg``), a function's
    qualified name. Units end the metric's name.
    """

    where: Span
    metric: str
    value: float | str
    collector: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotspot:
    """A place that takes a share of the run, with every fact about it.

    Attributes
    ----------
    where
        The outermost hot loop, or else the single hot line.
    share
        Part of the run's time, 0-1.
    headroom
        Time over the machine's physical floor for the same work, at least 1; 0 when unknown.
    scope
        Qualified name of the enclosing function, ``<module>`` at top level.
    facts
        The rows that lie in ``where``.
    """

    where: Span
    share: float
    headroom: float = 0.0
    scope: str = "<module>"
    facts: tuple[Measurement, ...] = ()

    def values(self, metric: str) -> tuple[Measurement, ...]:
        """The facts of one metric."""
        return tuple(fact for fact in self.facts if fact.metric == metric)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that was measured in one run of the profile.

    Attributes
    ----------
    elapsed_s
        Wall time of the script alone, unwatched.
    profiling_s
        Wall time of all passes together.
    hotspots
        Costliest first, disjoint.
    notes
        Passes that were cut short, refused or fell back, one sentence each.
    """

    elapsed_s: float
    profiling_s: float
    environment: Environment
    rows: tuple[Measurement, ...]
    hotspots: tuple[Hotspot, ...] = ()
    notes: tuple[str, ...] = ()
