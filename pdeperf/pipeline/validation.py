"""Holds a script to the baseline that was kept of it."""

from pathlib import Path

from pdeperf.guest.scratch import locate
from pdeperf.judge import verdict as judge
from pdeperf.model import Comparison, Outcome, Workload
from pdeperf.pipeline.profiling import workplace
from pdeperf.pipeline.settings import PipelineError, Progress, Settings
from pdeperf.source.imports import local_sources
from pdeperf.store import Store
from pdeperf.trial.baseline import BaselineError, load_baseline, rerun, save_baseline
from pdeperf.trial.baseline import validate as hold_to
from pdeperf.trial.original import measure_original
from pdeperf.trial.run import setting
from pdeperf.trial.trial import Effort


def baseline(
    workload: Workload, cwd: Path, *, store: Store, settings: Settings, progress: Progress, name: str
) -> Path:
    """Keep the script's source and its results, for later versions to be held to."""
    folder = store.baseline_folder(name)
    with workplace(workload, cwd) as place, setting(settings.interpreter) as runs:
        _, script = locate(workload.script, place.cwd)
        files = local_sources(place.root, script)
        progress("original", "running it twice: what differs is no result")
        original = measure_original(workload, place, files, runs)
        if original.failure:
            raise PipelineError(original.failure)
        save_baseline(folder, workload, files, original.captures)
    return folder


def validate(
    workload: Workload,
    cwd: Path,
    *,
    store: Store,
    settings: Settings,
    progress: Progress,
    baseline: str,
    max_slowdown: float,
    min_speedup: float | None,
) -> tuple[Comparison, int]:
    """Run a script and its baseline side by side; the second value is the exit code.

    ``baseline`` is a name, or the path of a baseline's folder.
    """
    folder = Path(baseline) if "/" in baseline else store.baseline_folder(baseline)
    try:
        kept = load_baseline(cwd / folder)
        with workplace(workload, cwd) as place, setting(settings.interpreter) as runs:
            _, script = locate(workload.script, place.cwd)
            _, kept_script = locate(kept.workload.script, place.cwd)
            after = local_sources(place.root, script)
            after[kept_script] = after.pop(script)
            progress("baseline", "running its source on this machine")
            original = rerun(kept, place, runs)
            progress("validate", "the script and its baseline, side by side")
            asked = min_speedup if min_speedup is not None else 1 / max_slowdown
            trial = hold_to(kept, after, place, original, effort=Effort(min_speedup=asked))
    except BaselineError as error:
        raise PipelineError(str(error), exit_code=4) from error
    found = judge(trial, min_speedup=asked)
    return Comparison(trial=trial, verdict=found), _EXIT_CODES[found.outcome]


_EXIT_CODES = {
    Outcome.ACCEPTED: 0,
    Outcome.WRONG: 1,
    Outcome.SLOWER: 3,
    Outcome.UNPROVEN: 5,
    Outcome.FAILED: 6,
}
