"""Does a new version of the program give the same results, and is it faster?"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from pdeperf.guest.launch import TIME_MARK
from pdeperf.guest.scratch import Place
from pdeperf.judge import Capture, Comparison, Noise, Spread, compare
from pdeperf.judge.compare import ASSUMED, MISSING, is_on_the_way
from pdeperf.judge.noise import is_conserved, is_saturated
from pdeperf.judge.values import Observable, loop_of
from pdeperf.model import Difference, Trial, Workload
from pdeperf.trial.early import needs_horizon, over_horizon
from pdeperf.trial.memory import without_memory
from pdeperf.trial.original import PERTURBATIONS_COUNT, Original
from pdeperf.trial.pairs import Effort, is_lost, outrun, raced, shortened, timed, trial_of, until_lost
from pdeperf.trial.run import Run, Terms, run_once
from pdeperf.trial.substance import is_shown, responds, solver_calls

COMPILE_ALLOWANCE_S = 60.0
NEIGHBOURS_ALLOWANCE_S = 15.0
"""What a run whose code is compiled may take beyond three times the original, on a busy machine."""
KNOWN_COUNT = 2
"""With so many runs of the version before it a new one is compared to see whether it is plainly slower."""
UNREACHED = 1e-15
"""A result that moves less than this was not reached by the errors planted, or only itself was moved."""
GROSS = 1e-6
"""What rounding errors move at most where they can be judged at all."""
GROSS_FACTOR = 1e3
_NUMBA = re.compile(r"^\s*(?:import|from)\s+numba\b", re.MULTILINE)
_COMPILERS = re.compile(r"^\s*(?:import|from)\s+(?:numba|cupy|jax|torch|taichi|pyximport)\b", re.MULTILINE)


def try_candidate(
    workload: Workload,
    place: Place,
    before: Mapping[str, str],
    after: Mapping[str, str],
    reference: Original,
    *,
    forgets: Collection[str] = (),
    effort: Effort | None = None,
    lenient: bool = False,
) -> Trial:
    """Run a new version beside the one that it replaces.

    First with every index checked, then as a first run that compiles, then in pairs with the version
    before it; wrong results end the trial at once, before it is timed. What was proved of a version in
    this session is not proved again, and where three times as fast is plain, runs of before are counted.
    What has a rival must outrun it before anything else: most do not. What is plainly slower in its first
    runs is neither checked nor compared, where a gain is asked for.

    Parameters
    ----------
    before, after
        Whole texts by file name. ``after`` need only hold the files that differ.
    reference
        The original, whose results both versions must have.
    forgets
        Names that the new version need not bind.
    lenient
        Leave out any name that the new version lacks: a person wrote it, in names of their own.
    """
    effort = effort or Effort()
    after = {**before, **after}
    if lenient:
        forgets = (*forgets, *reference.immaterial, *reference.put_aside(after))
    most_s = max(3 * reference.shortest_s(before), 5.0)
    compiles = any(_COMPILERS.search(text) for text in after.values())
    steady_s = most_s + NEIGHBOURS_ALLOWANCE_S
    first_s = most_s + COMPILE_ALLOWANCE_S if compiles else steady_s
    checked_s = max(3 * reference.wall_s, 5.0) + COMPILE_ALLOWANCE_S

    def run(files: Mapping[str, str], *, boundscheck: bool = False, functions: bool | None = None) -> Run:
        limit_s = checked_s if boundscheck else first_s if functions is None else steady_s
        terms = Terms(boundscheck=boundscheck, functions=functions, timeout_s=limit_s)
        return run_once(workload, place, files, reference.setting, terms)

    def judged(capture: Capture) -> Comparison:
        return judge_results(reference, capture, forgets, lenient=lenient, resolved=resolved)

    resolved = lenient or solver_calls(after) != solver_calls(reference.files)
    about = frozenset(forgets), lenient
    if effort.timed and (proof := reference.proof(after, about)):
        return timed(run, judged, before, after, reference, *proof, effort)
    first: Run | None = None
    early: list[Run] = []
    if effort.timed and effort.rival is not None:
        first = run(after)  # compiles
        if first.failure:
            return Trial(failure=shortened(first.failure))
        race = raced(
            run,
            after,
            {**before, **effort.rival},
            reference,
            first_s=first.wall_s,
            rival_first_s=effort.rival_first_s,
            runs_count=effort.runs_count,
        )
        if race.failure:
            return Trial(failure=shortened(race.failure))
        if not race.is_won:
            return outrun(first, race)
    elif effort.timed and effort.gives_up:
        known = reference.known_runs(before)[-KNOWN_COUNT:]
        first = run(after)  # compiles
        if first.failure.endswith(TIME_MARK):
            return Trial(failure=shortened(first.failure))  # nor is there time to check every index
        if first.failure:
            first = None  # the run with every index checked says why
        else:
            early = list(until_lost(lambda: run(after, functions=False), known))
            if is_lost(known, early):
                return trial_of(Comparison(differences=(), unstable=()), first, olds=known, news=early)
    if any(_NUMBA.search(text) for text in after.values()):
        checked = run(after, boundscheck=True)
        if checked.failure:
            return Trial(failure=shortened(checked.failure))
        comparison = judged(checked.capture)
        if not comparison.agrees:
            return trial_of(comparison)
    first = first or run(after)
    if first.failure:
        return Trial(failure=shortened(first.failure))
    comparison = judged(first.capture)
    if comparison.agrees and needs_horizon(comparison, reference):
        comparison = over_horizon(
            reference, after, first.capture, comparison, forgets, first_s, lenient=lenient
        )
    if not comparison.agrees or not comparison.differences or not effort.timed:
        return trial_of(comparison, first)
    reference.prove(after, about, comparison, first)
    return timed(run, judged, before, after, reference, comparison, first, effort, early=early)


def judge_results(
    reference: Original,
    capture: Capture,
    forgets: Collection[str] = (),
    *,
    lenient: bool = False,
    resolved: bool = True,
    apart: frozenset[str] | None = None,
) -> Comparison:
    """Compare with the original; its noise is measured only where a difference calls for it.

    Parameters
    ----------
    resolved
        Are equations solved in another way? Only then the solver's own tolerance explains a difference.
    apart
        Results that are left out, if it is known what the others hold of memory.
    """
    workload = reference.workload
    reshaped: tuple[str, ...] = ()

    def compared(noise: Noise | None = None) -> Comparison:
        return compare(
            reference.captures,
            capture,
            (*forgets, *reshaped),
            noise=noise,
            observe=workload.observables,
            tolerances=workload.tolerances,
            apart=apart or (),
            lenient=lenient,
            inputs=reference.inputs if lenient else {},
            resolved=resolved and bool(solver_calls(reference.files)),
        )

    comparison = compared()
    if lenient and (reshaped := _reshaped(comparison, reference)):
        comparison = compared()
    marks = reference.captures[0].marks
    if not comparison.agrees and not any(_is_final(one, marks) for one in comparison.differences):
        for draws_count in range(1, PERTURBATIONS_COUNT + 1):
            noise = replace(reference.noise(draws_count), slack={})
            comparison = compared(noise)
            if comparison.agrees or _is_gross(comparison, noise, reference.captures[0]):
                break
        slack: Mapping[str, Spread] = {}
        eased = resolved and not comparison.agrees and bool(reference.slack)
        if eased and not reference.iterates_alike(capture):
            slack = reference.slack
            noise = replace(noise, slack=slack)
            comparison = compared(noise)
        if not comparison.agrees and _rests_on_numbers(comparison, noise):
            for draws_count in range(1, PERTURBATIONS_COUNT + 1):
                noise = replace(reference.stirred(draws_count), slack=slack)
                comparison = compared(noise)
                if comparison.agrees or _is_gross(comparison, noise, reference.captures[0]):
                    break
    if not comparison.agrees and apart is None:
        wrong = {one.observable for one in comparison.differences if not one.within}
        if wrong & reference.of_memory.keys():
            capture, apart = without_memory(capture, reference.captures[0], reference.of_memory)
            return judge_results(reference, capture, forgets, lenient=lenient, resolved=resolved, apart=apart)
    if comparison.agrees and not _is_proof(comparison, reference):
        return replace(comparison, differences=())
    return replace(comparison, absent=(*comparison.absent, *reshaped)) if reshaped else comparison


def _reshaped(comparison: Comparison, reference: Original) -> tuple[str, ...]:
    """Which values in memory have another shape, where the solution is known by what else is compared?

    Half a spectrum says the same as a whole one: by what is written to files it is known. A list that grows
    is filled in advance elsewhere: by what it holds in the end it is known.
    """
    capture = reference.captures[0]
    shapes = {
        one.observable
        for one in comparison.differences
        if one.note.startswith("shape ")
        and capture.observables[one.observable].origin == "memory"
        and not is_conserved(one.observable)
    }
    on_the_way = {name for name in shapes if is_on_the_way(name, capture)}
    kept = {one.observable for one in comparison.differences} - shapes
    if shapes and _respond((name for name in kept if capture.observables[name].origin == "file"), reference):
        return tuple(sorted(shapes))
    results = (name for name in kept if not is_on_the_way(name, capture) and name not in reference.inert)
    if on_the_way and _respond(results, reference):
        return tuple(sorted(on_the_way))
    return ()


def _respond(names: Iterable[str], reference: Original) -> bool:
    """Is a field among these that moves when the arrays of the loops do?"""
    observables = reference.captures[0].observables
    fields = [name for name in names if _is_field(observables[name])]
    spreads = reference.response.spreads if fields else {}
    return any(name in spreads and spreads[name].linf > 0 for name in fields)


def _rests_on_numbers(comparison: Comparison, noise: Noise) -> bool:
    """Is a difference held to a bound though no planted error reached that result, or what it comes from?

    Where a loop carries plain numbers along, as a pendulum's, no array can be moved that matters. The time
    is such a number too: what it makes, added up or multiplied, is small.
    """
    outside = [one for one in comparison.differences if not one.within]
    spreads = [noise.spreads.get(one.observable) for one in outside]
    unreached = any(spread is None or spread.relative < UNREACHED for spread in spreads)
    small = all(max(one.l2, one.linf) < ASSUMED for one in outside)
    return (unreached or small) and not any(one.note for one in outside)


def _is_gross(comparison: Comparison, noise: Noise, first: Capture) -> bool:
    """Does a field differ by so much more than one draw of noise shows that two more could not explain it?

    Counters and lines of print come and go with a single rounding error.
    """
    if not noise.reached or is_saturated(noise):
        return False
    return any(
        max(one.l2, one.linf) > GROSS_FACTOR * max(one.allowed, GROSS)
        for one in comparison.differences
        if not one.note
        and _is_field(first.observables[one.observable])
        and first.observables[one.observable].origin != "print"
    )


def _is_field(item: Observable) -> bool:
    return item.values.dtype.kind in "fc" and item.values.size > 1


def _is_final(one: Difference, marks: Collection[str]) -> bool:
    """Can no measure of noise excuse this difference? Lines of print come and go with rounding."""
    if one.observable in marks:
        return False
    return bool(one.note) and not (one.note == MISSING and one.observable.startswith("stdout "))


def _is_proof(comparison: Comparison, reference: Original) -> bool:
    """Would a wrong solution have shown?"""
    if reference.workload.observables:
        return True  # the user says what counts
    partly = {name for name in comparison.unstable if loop_of(name)[0]}  # what is still 0 at an early turn
    differences = [one for one in comparison.differences if one.observable not in partly]
    if comparison.differences and not differences:
        return False
    if not differences or is_shown(differences, reference.captures[0], reference.inert):
        return True
    inert = reference.inert
    return responds(differences, reference.response, inert) or responds(
        differences, reference.wide_response, inert
    )
