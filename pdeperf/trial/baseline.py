"""The original that was kept, run again on this machine, for a new version to be held to.

Times are not kept to be compared with: on another day they say nothing. The source is, and runs again.
"""

from collections.abc import Mapping
from dataclasses import replace

from pdeperf.guest.scratch import Place
from pdeperf.judge import Capture, Comparison, compare
from pdeperf.model import Trial
from pdeperf.trial.keeping import Baseline, IncompatibleError, summarised
from pdeperf.trial.original import Original, measure_original
from pdeperf.trial.pairs import Effort
from pdeperf.trial.run import Setting
from pdeperf.trial.trial import try_candidate


def rerun(
    baseline: Baseline, place: Place, setting: Setting, *, argv: tuple[str, ...] | None = None
) -> Original:
    """Run the baseline's source on this machine, as it is now; with other arguments if any are given.

    Raises
    ------
    IncompatibleError
        If it does not run here any more.
    """
    workload = baseline.workload if argv is None else replace(baseline.workload, argv=argv)
    kept = baseline.noise if argv is None else None
    original = measure_original(workload, place, baseline.files, setting, kept=kept)
    if original.failure:
        raise IncompatibleError(f"the baseline's own script does not run here: {original.failure}")
    return original


def drift(baseline: Baseline, original: Original) -> Comparison:
    """Does the baseline's source still give the results that were stored with it?

    Where it does not, the machine, the libraries or the input files have changed.
    """
    now = _like(baseline.captures[0], original.captures[0])
    comparison = compare(baseline.captures, now, apart=baseline.unstable)
    if comparison.agrees:
        return comparison
    return compare(baseline.captures, now, apart=baseline.unstable, noise=original.eased)


def _like(stored: Capture, fresh: Capture) -> Capture:
    """The fresh results, summarised where the stored ones are."""
    shortened = {
        name: summarised(item) if _is_reduced(stored, name) else item
        for name, item in fresh.observables.items()
    }
    return replace(fresh, observables=shortened)


def _is_reduced(stored: Capture, name: str) -> bool:
    return name in stored.observables and stored.observables[name].reduced


def machine_changes(baseline: Baseline, original: Original) -> tuple[str, ...]:
    """What differs between the machine the baseline was made on and this one: ``numpy 1.26 became 2.1``."""
    now = original.captures[0].machine
    return tuple(
        f"{name} {baseline.machine.get(name, 'none')} became {now.get(name, 'none')}"
        for name in sorted({*baseline.machine, *now})
        if baseline.machine.get(name) != now.get(name)
    )


def validate(
    baseline: Baseline,
    after: Mapping[str, str],
    place: Place,
    original: Original,
    *,
    effort: Effort | None = None,
) -> Trial:
    """Hold a new version to a baseline, side by side on this machine.

    Parameters
    ----------
    after
        The program's files as they now are.
    original
        From :func:`rerun`.
    """
    return try_candidate(
        original.workload,
        place,
        baseline.files,
        after,
        original,
        effort=effort,
        lenient=True,
    )
