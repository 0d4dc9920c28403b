"""Everything known about one session: what is stored and what is shown."""

from dataclasses import dataclass

from pdeperf.model.candidate import Candidate, Refusal
from pdeperf.model.diagnosis import Diagnosis
from pdeperf.model.evidence import Evidence
from pdeperf.model.trial import Trial, Verdict
from pdeperf.model.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A user's file as it was when the session ran."""

    file: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One candidate, tried: kept only if the verdict is accepted."""

    candidate: Candidate
    trial: Trial
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The first version of the script against the last, at the end of an optimisation."""

    trial: Trial
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One session, growing from command to command.

    Attributes
    ----------
    format
        Number of the storage format.
    created
        ISO 8601 time in UTC.
    sources
        The user's files that ran, as they were.
    artifacts
        Files beside the session as (role, name) pairs: ``pstats``, ``flame``, ``speedscope``.
    outputs
        Optimised files written for the user.
    """

    format: int = 1
    session: str = ""
    created: str = ""
    workload: Workload
    evidence: Evidence
    sources: tuple[SourceFile, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    suggestions: tuple[Candidate, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    steps: tuple[Step, ...] = ()
    overall: Comparison | None = None
    artifacts: tuple[tuple[str, str], ...] = ()
    outputs: tuple[str, ...] = ()
