"""What was run here before: stored sessions and validations, in the order of time."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from statistics import median

from pdeperf.model import PastRun, Report, Validation
from pdeperf.store import Store, StoreError


def past_runs(store: Store, script: str = "") -> tuple[PastRun, ...]:
    """Everything that is stored, of one script if one is named, the oldest first.

    What cannot be read any more is left out: a history is no place to fail in.
    """
    found = [*_sessions(store), *store.validations()]
    return tuple(
        sorted(
            (one for one in found if not script or one.script == script),
            key=lambda one: (one.created, one.command),
        )
    )


def _sessions(store: Store) -> Iterator[PastRun]:
    for session in store.sessions():
        try:
            yield of_report(store.load(session))
        except StoreError:
            continue


def of_report(report: Report) -> PastRun:
    """A session's line in the history."""
    verdict = report.overall.verdict if report.overall is not None else None
    return PastRun(
        created=report.created,
        command="optimize" if report.overall is not None or report.steps else "profile",
        script=report.workload.script,
        argv=report.workload.argv,
        elapsed_s=report.evidence.elapsed_s,
        speedup=verdict.speedup if verdict is not None else 0.0,
        speedup_low=verdict.speedup_low if verdict is not None else 0.0,
        speedup_high=verdict.speedup_high if verdict is not None else 0.0,
        word="optimised" if verdict is not None else "left alone" if report.steps else "profiled",
        machine=report.evidence.environment.cpu_model,
    )


def of_validation(found: Validation, argv: tuple[str, ...], machine: Mapping[str, str]) -> PastRun:
    """A validation's line in the history."""
    verdict, trial = found.comparison.verdict, found.comparison.trial
    return PastRun(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command="validate",
        script=found.script,
        argv=argv,
        against=found.baseline,
        elapsed_s=median(trial.after_s) if trial.after_s else 0.0,
        speedup=verdict.speedup,
        speedup_low=verdict.speedup_low,
        speedup_high=verdict.speedup_high,
        word=found.word,
        machine=machine.get("processor", ""),
    )
