"""What the original does: its results, its times, and how far rounding alone moves it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from pdeperf.guest.observe import UNREADABLE
from pdeperf.guest.scratch import Place, locate
from pdeperf.guest.stopping import tolerances_count
from pdeperf.judge import (
    Capture,
    Comparison,
    Growth,
    Noise,
    Spread,
    growths,
    measure_noise,
    measure_slack,
    unknown_names,
)
from pdeperf.judge.noise import SATURATED, calmed, is_saturated, widened
from pdeperf.judge.values import header_in, plain_name
from pdeperf.model import Workload
from pdeperf.trial.again import Again
from pdeperf.trial.immaterial import (
    immaterial_names,
    input_names,
    rebound_names,
    replaced_names,
    returning_functions,
    untouched_names,
)
from pdeperf.trial.memory import Elements, of_memory
from pdeperf.trial.run import Horizon, Run, Setting, Terms, run_once, version
from pdeperf.trial.substance import branch_text, inert_globals

PERTURBATIONS_COUNT = 3
NUDGE_ROUNDINGS_COUNT = 2.0**32
WIDE_ROUNDINGS_COUNT = 2.0**45
REFERENCE_RUNS_COUNT = 2
LOOPS_COUNT = 3
"""So many loops are tried to be cut short where a script is chaotic."""


About = tuple[frozenset[str], bool]
"""What a comparison hangs on beside the version: the names that it may forget, and whether it is lenient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The original, stopped where rounding errors have not yet grown beyond judging.

    Attributes
    ----------
    growth
        Which loop was cut, and after how many turns.
    """

    growth: Growth
    horizon: Horizon
    capture: Capture
    noise: Noise


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
        kept: Noise | None = None,
    ) -> None:
        self.workload = workload
        self.setting = setting
        self.runs = runs
        self.place = place
        self._files = dict(files)
        self._again = Again(workload, place, self._files, setting, runs)
        self._perturbed: list[Capture] = []
        self._carried: list[Capture] = []
        self._stirred: list[Run] = []
        self._noises: dict[tuple[int, int], Noise] = {}
        self._unreached = False
        self._kept = kept
        self._steady: dict[str, tuple[Run, ...]] = {version(files): runs}
        self._proofs: dict[tuple[str, About], tuple[Comparison, Run]] = {}

    @property
    def files(self) -> Mapping[str, str]:
        """The texts of the program."""
        return self._files

    @property
    def captures(self) -> tuple[Capture, ...]:
        return tuple(run.capture for run in self.runs)

    @property
    def failure(self) -> str:
        return next((run.failure for run in self.runs if run.failure), "")

    @property
    def unanswered(self) -> str:
        """What the user asks to compare and the original does not have, in one line; empty if it has all."""
        capture = self.captures[0]
        if told := [note for note in capture.notes if note.startswith(UNREADABLE)]:
            return told[0]
        unknown = unknown_names(self.workload.observables, capture)
        if not unknown:
            return ""
        names = sorted({plain_name(name) for name in capture.observables})
        has = (
            f"it has {', '.join(names[:8])}{' and others' if len(names) > 8 else ''}"
            if names
            else "it has none"
        )
        return f"{', '.join(unknown)}: the script has no such result; {has}"

    @property
    def timed_out(self) -> bool:
        return any(run.timed_out for run in self.runs)

    @property
    def wall_s(self) -> float:
        """Its shortest time: what a limit for its rewrites is derived from."""
        return min(run.wall_s for run in self.runs)

    @property
    def draws_count(self) -> int:
        """How many runs were perturbed to measure its noise?"""
        return len(self._perturbed)

    def noise(self, draws_count: int = PERTURBATIONS_COUNT) -> Noise:
        """How far do rounding errors, planted at the heads of its loops, move each result?

        More draws can only find a larger spread: what agrees with few of them agrees. What a baseline
        keeps of an earlier measurement is not measured again.
        """
        if self._kept is not None:
            return self._kept
        seeds = range(len(self._perturbed) + 1, draws_count + 1) if not self._unreached else ()
        drawn = self._again.each([Terms(perturbation=seed, sums=seed > 1) for seed in seeds])
        for seed, first in zip(seeds, drawn, strict=True):
            # `assert w.sum() == 1`
            run = self._again.one(Terms(perturbation=seed)) if first.failure and seed > 1 else first
            self._unreached = bool(run.failure) or not run.capture.perturbed_count
            if not run.failure:
                self._perturbed.append(run.capture)
            if self._unreached:
                break
        known = draws_count, len(self._perturbed)
        if known not in self._noises:
            found = measure_noise(self.captures[0], self._perturbed)
            self._noises[known] = self._calmed(found, draws_count) if is_saturated(found) else found
        return self._noises[known]

    def _calmed(self, found: Noise, draws_count: int) -> Noise:
        """The noise where moving all that is read moves the results too far: of what the loops change only.

        A grid whose points are looked for by ``x == 1`` makes another problem when it is moved.
        """
        seeds = range(len(self._carried) + 1, draws_count + 1)
        for run in self._again.each([Terms(perturbation=seed, carried_only=True) for seed in seeds]):
            if run.failure:
                return found
            self._carried.append(run.capture)
        return calmed(found, measure_noise(self.captures[0], self._carried))

    def stirred(self, draws_count: int = PERTURBATIONS_COUNT) -> Noise:
        """The noise, with what errors in the plain numbers that loops carry along make as well.

        A run that then turns another number of times says nothing: its clock was moved over the end.
        """
        noise = self.noise(max(draws_count, self.draws_count))
        seeds = range(len(self._stirred) + 1, draws_count + 1)
        self._stirred += self._again.each([Terms(perturbation=seed, scalars=True) for seed in seeds])
        turns = _turns(self.captures[0])
        fit = [run.capture for run in self._stirred if not run.failure and _turns(run.capture) == turns]
        return widened(noise, measure_noise(self.captures[0], fit)) if fit else noise

    @cached_property
    def of_memory(self) -> Elements:
        """Results that depend on what memory held before, as of an array that is filled bit by bit."""
        run = self._again.one(Terms(filled=True))
        return {} if run.failure else of_memory(self.captures[0], run.capture)

    @cached_property
    def eased(self) -> Noise:
        """The noise, with what the solver's own tolerance leaves open."""
        return replace(self.noise(), slack=self.slack)

    @cached_property
    def slack(self) -> Mapping[str, Spread]:
        """How far does a tenth of the solver's own tolerance move each field? Empty where it has none."""
        if self._kept is not None and self._kept.slack:
            return self._kept.slack
        return {} if self._tightened is None else measure_slack(self.captures[0], self._tightened)

    @cached_property
    def _tightened(self) -> Capture | None:
        if not any(map(tolerances_count, self._files.values())):
            return None
        run = self._again.one(Terms(tightened=True))
        return None if run.failure else run.capture

    def iterates_alike(self, other: Capture) -> bool:
        """Do the loops that run to a tolerance turn as often in another version as in the original?

        Where they do, the tolerance explains no difference: the iteration is the same. What iterates in
        a library, or is solved directly now, cannot be seen to turn.
        """
        if self._tightened is None:
            return False
        old, tight, new = _turns(self.captures[0]), _turns(self._tightened), _turns(other)
        to_tolerance = [name for name, count in old.items() if tight.get(name) != count]
        return bool(to_tolerance) and all(new.get(name) == old[name] for name in to_tolerance)

    @cached_property
    def growths(self) -> tuple[Growth, ...]:
        """How do rounding errors grow in the loops that carry the solution along?"""
        noise = self.stirred(len(self._stirred)) if self._stirred else self.noise()
        return tuple(islice(growths(self.captures[0], noise), LOOPS_COUNT))

    @cached_property
    def cut(self) -> Cut | None:
        """The original over the turns that can be judged; None where that cannot be had."""
        return next((cut for found in self.growths if (cut := self._cut(found)) is not None), None)

    def _cut(self, found: Growth) -> Cut | None:
        horizon = Horizon(loop=header_in(found.loop), turns_count=found.turns_count)
        with_scalars = bool(self._stirred)
        moved = [
            Terms(horizon=horizon, perturbation=seed, scalars=with_scalars, sums=seed > 1)
            for seed in range(1, PERTURBATIONS_COUNT + 1)
        ]
        runs = self._again.each([Terms(horizon=horizon), *moved])
        plain = next(runs)
        if plain.failure or not plain.capture.truncated_count:
            return None
        noise = measure_noise(plain.capture, [run.capture for run in runs if not run.failure])
        shown = {name for name, spread in noise.spreads.items() if 0 < spread.relative <= SATURATED}
        hidden = {name for name, spread in self.noise().spreads.items() if spread.relative > SATURATED}
        if not shown or (hidden & noise.spreads.keys() and not hidden & shown):
            return None
        return Cut(growth=found, horizon=horizon, capture=plain.capture, noise=noise)

    @cached_property
    def late_branches(self) -> tuple[str, ...]:
        """Branches, as texts with their conditions, first taken after the turns that can be judged."""
        if not self.growths:
            return ()
        found = self.cut.growth if self.cut is not None else self.growths[0]
        horizon = Horizon(loop=header_in(found.loop), turns_count=found.turns_count)
        whole, early = self._again.each([Terms(branches=True), Terms(branches=True, horizon=horizon)])
        late = whole.capture.taken - early.capture.taken
        return tuple(branch_text(self._files, name) for name in sorted(late))

    @cached_property
    def response(self) -> Noise:
        """Which results move at all when the arrays of its loops do, by about a millionth?"""
        return self._response(NUDGE_ROUNDINGS_COUNT)

    @cached_property
    def wide_response(self) -> Noise:
        """The same by about a hundredth: what is printed with few digits moves no sooner."""
        return self._response(WIDE_ROUNDINGS_COUNT)

    def _response(self, roundings_count: float) -> Noise:
        run = self._again.one(Terms(perturbation=1, roundings_count=roundings_count))
        return measure_noise(self.captures[0], () if run.failure else (run.capture,))

    @cached_property
    def inert(self) -> frozenset[str]:
        """Which of the script's global names are settled before anything is computed?"""
        _, name = locate(self.workload.script, self.place.cwd)
        return inert_globals(self._files[name]) if name in self._files else frozenset()

    @cached_property
    def immaterial(self) -> frozenset[str]:
        """Which of its names need a rewrite by hand not keep?"""
        _, name = locate(self.workload.script, self.place.cwd)
        return immaterial_names(self._files, name, returning_functions(self.captures[0]))

    @cached_property
    def inputs(self) -> Mapping[str, frozenset[str]]:
        """Which parameters does each of its functions only read?"""
        _, name = locate(self.workload.script, self.place.cwd)
        return input_names(self._files, name)

    def put_aside(self, after: Mapping[str, str]) -> frozenset[str]:
        """Which parameters are a result in one version, under their name, and only given in the other?"""
        _, name = locate(self.workload.script, self.place.cwd)
        old, new = untouched_names(self._files, name), untouched_names(after, name)
        replaced, rebound = replaced_names(self._files, name), rebound_names(after, name)
        return frozenset(
            f"{function}():{parameter}"
            for function in old.keys() & new.keys()
            for parameter in (replaced[function] & new[function]) | (old[function] & rebound[function])
        )

    def known_runs(self, files: Mapping[str, str]) -> tuple[Run, ...]:
        """Which runs of this version, with its code compiled, have been timed in this session?"""
        return self._steady.get(version(files), ())

    def shortest_s(self, files: Mapping[str, str]) -> float:
        """The shortest known time of this version; the original's where it has not been timed."""
        return min((one.wall_s for one in self.known_runs(files)), default=self.wall_s)

    def remember(self, files: Mapping[str, str], runs: tuple[Run, ...]) -> None:
        """Keep the times of a version for later trials; results are not kept."""
        self._steady[version(files)] = self.known_runs(files) + tuple(run.bare for run in runs)

    def proof(self, files: Mapping[str, str], about: About) -> tuple[Comparison, Run] | None:
        """How was this version found right in this session, and by which first run? None if it was not."""
        return self._proofs.get((version(files), about))

    def prove(self, files: Mapping[str, str], about: About, comparison: Comparison, first: Run) -> None:
        """Keep that this version, its indices checked, has the original's results."""
        self._proofs[version(files), about] = comparison, first.bare


def _turns(capture: Capture) -> dict[str, int]:
    return {name: laps.turns_count for name, laps in capture.loops.items()}


def measure_original(
    workload: Workload,
    place: Place,
    files: Mapping[str, str],
    setting: Setting,
    *,
    kept: Noise | None = None,
) -> Original:
    """Run the original twice, the second time under skewed clocks, so that timers show.

    A script that fails while its functions are watched is run again without; if it fails still, the
    failure is its own, and :attr:`Original.failure` tells it.

    Parameters
    ----------
    kept
        Noise that was measured before, of these very files.
    """
    first = run_once(workload, place, files, setting)
    if first.failure and not first.timed_out and setting.functions:
        bare = replace(setting, functions=False)
        again = run_once(workload, place, files, bare)
        if not again.failure:
            first, setting = again, bare
    runs = [first]
    while not runs[-1].failure and len(runs) < REFERENCE_RUNS_COUNT:
        runs.append(run_once(workload, place, files, setting, Terms(skewed=True)))
    if runs[-1].failure and len(runs) > 1 and not runs[0].failure:
        # Skewed clocks may be more than a script bears; two plain runs then have to do.
        runs[-1] = run_once(workload, place, files, setting)
    return Original(workload, place, files, setting, tuple(runs), kept)
