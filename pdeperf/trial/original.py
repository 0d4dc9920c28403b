"""What the original does: its results, its times, and how far rounding alone moves it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from pdeperf.guest.scratch import Place, locate
from pdeperf.judge import Capture, Noise, measure_noise
from pdeperf.model import Workload
from pdeperf.trial.run import Run, Setting, run_once, version
from pdeperf.trial.substance import inert_globals

PERTURBATIONS_COUNT = 3
NUDGE_ROUNDINGS_COUNT = 2.0**32
REFERENCE_RUNS_COUNT = 2


class Original:
    """The original version, run as rarely as honest judging allows.

    Made by :func:`measure_original`. Its noise is measured when it is first asked for.

    Attributes
    ----------
    setting
        How it was run, and its rewrites are to be.
    captures
        Its results, at least two runs' of them, one of them under skewed clocks.
    runs
        The runs themselves.
    failure
        Why it cannot be run, in one line; empty if it can.
    """

    def __init__(
        self,
        workload: Workload,
        place: Place,
        files: Mapping[str, str],
        setting: Setting,
        runs: tuple[Run, ...],
    ) -> None:
        self.workload = workload
        self.setting = setting
        self.runs = runs
        self._place = place
        self._files = dict(files)
        self._perturbed: list[Capture] = []
        self._unreached = False
        self._steady: dict[str, tuple[Run, ...]] = {version(files): runs}

    @property
    def captures(self) -> tuple[Capture, ...]:
        return tuple(run.capture for run in self.runs)

    @property
    def failure(self) -> str:
        return next((run.failure for run in self.runs if run.failure), "")

    @property
    def timed_out(self) -> bool:
        return any(run.timed_out for run in self.runs)

    @property
    def wall_s(self) -> float:
        """Its shortest time: what a limit for its rewrites is derived from."""
        return min(run.wall_s for run in self.runs)

    def noise(self, draws_count: int = PERTURBATIONS_COUNT) -> Noise:
        """How far do rounding errors, planted at the heads of its loops, move each result?

        More draws can only find a larger spread: what agrees with few of them agrees.
        """
        while len(self._perturbed) < draws_count and not self._unreached:
            run = self._perturb(len(self._perturbed) + 1, 1.0)
            self._unreached = bool(run.failure) or not run.capture.perturbed_count
            if not run.failure:
                self._perturbed.append(run.capture)
        return measure_noise(self.captures[0], self._perturbed)

    @cached_property
    def response(self) -> Noise:
        """Which results move at all when the arrays of its loops do, by about a millionth?"""
        run = self._perturb(1, NUDGE_ROUNDINGS_COUNT)
        return measure_noise(self.captures[0], () if run.failure else (run.capture,))

    def _perturb(self, seed: int, roundings_count: float) -> Run:
        return run_once(
            self.workload,
            self._place,
            self._files,
            self.setting,
            perturbation=seed,
            roundings_count=roundings_count,
            timeout_s=3 * self.wall_s + 60,
        )

    @cached_property
    def inert(self) -> frozenset[str]:
        """Which of the script's global names are settled before anything is computed?"""
        _, name = locate(self.workload.script, self._place.cwd)
        return inert_globals(self._files[name]) if name in self._files else frozenset()

    def known_runs(self, files: Mapping[str, str]) -> tuple[Run, ...]:
        """Which runs of this version, with its code compiled, have been timed in this session?"""
        return self._steady.get(version(files), ())

    def remember(self, files: Mapping[str, str], runs: tuple[Run, ...]) -> None:
        """Keep the times of a version for later trials; results are not kept."""
        bare = tuple(replace(run, capture=Capture(observables={})) for run in runs)
        self._steady[version(files)] = self.known_runs(files) + bare


def measure_original(
    workload: Workload, place: Place, files: Mapping[str, str], setting: Setting
) -> Original:
    """Run the original twice, the second time under skewed clocks, so that timers show.

    A script that fails while its functions are watched is run again without; if it fails still, the
    failure is its own, and :attr:`Original.failure` tells it.
    """
    first = run_once(workload, place, files, setting)
    if first.failure and not first.timed_out and setting.functions:
        bare = replace(setting, functions=False)
        again = run_once(workload, place, files, bare)
        if not again.failure:
            first, setting = again, bare
    runs = [first]
    while not runs[-1].failure and len(runs) < REFERENCE_RUNS_COUNT:
        runs.append(run_once(workload, place, files, setting, skewed=True))
    if runs[-1].failure and len(runs) > 1 and not runs[0].failure:
        # Skewed clocks may be more than a script bears; two plain runs then have to do.
        runs[-1] = run_once(workload, place, files, setting)
    return Original(workload, place, files, setting, tuple(runs))
