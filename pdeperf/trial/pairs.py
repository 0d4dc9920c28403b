"""Is a version whose results are right faster than the one before it? Pairs of runs tell."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from pdeperf.judge import Capture, Comparison, is_decided
from pdeperf.judge.speed import MIN_SPEEDUP, is_hopeless
from pdeperf.judge.values import CONSERVED, plain_name
from pdeperf.model import Trial
from pdeperf.trial.original import Original
from pdeperf.trial.run import Run, pinned_settings

LONG_RUN_S = 1.0
CLEAR_RATIO = 3.0
LEAST_CLEAR_RATIO = 2.0
THREADS = 1.3
"""More CPU than wall time by this factor: several threads worked."""
LOST_RATIO = 1.15
"""A version that takes more than so many times the wall and the CPU time in its first runs is given up."""
MOST_PAIRS_COUNT = 7
OUTRUN = ((0.8, 1.25), (0.9, 1.05), (0.96, 0.96))
"""After one pair with a rival, two and three: what takes less than the first of its time is ahead of it, what
takes more than the second is behind. A tie goes to the rival: what is expected to win is proposed first."""
RUNS_COUNT = 5
"""A version is run so often before its source changes: what it takes to compile is paid once in that time."""
_ALIKE_FIRST = 0.15
"""First runs that differ by less of their time are taken to be as long: neighbours make that much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is spent on one trial.

    Attributes
    ----------
    min_speedup
        The gain that the verdict will ask for: pairs are run until it is clear.
    pairs_count
        At most so many pairs of runs.
    budget_s
        After two pairs, no further one is begun once the runs have taken so long; 0 for no such limit.
    timed
        Are pairs run at all? Without them only the results are judged.
    gives_up
        Stop as soon as a gain is not to be expected, though it may not be disproved.
    rival
        The texts of a version that was found right and fast: what does not outrun it is neither compared
        nor timed any further.
    rival_first_s
        What the rival's first run took, compilation counted; 0 where that is not known.
    runs_count
        Of two rivals the one is kept that takes less in so many runs, the first of them counted.
    """

    min_speedup: float = MIN_SPEEDUP
    pairs_count: int = MOST_PAIRS_COUNT
    budget_s: float = 0.0
    timed: bool = True
    gives_up: bool = False
    rival: Mapping[str, str] | None = None
    rival_first_s: float = 0.0
    runs_count: int = RUNS_COUNT


@dataclass(frozen=True, slots=True)
class Race:
    """How a new version did beside a rival.

    Attributes
    ----------
    runs
        Of the new version.
    failure
        Why it could not be run to its end; empty where it was.
    """

    runs: tuple[Run, ...]
    is_won: bool
    failure: str = ""


class Runner(Protocol):
    """Runs one version of the program."""

    def __call__(self, files: Mapping[str, str], *, functions: bool | None = None) -> Run:
        """``functions``: watch the locals of the user's functions?"""
        ...


def timed(
    run: Runner,
    judged: Callable[[Capture], Comparison],
    before: Mapping[str, str],
    after: Mapping[str, str],
    reference: Original,
    comparison: Comparison,
    first: Run,
    effort: Effort,
    *,
    early: Collection[Run] = (),
) -> Trial:
    """Time a version that has been found right in pairs with the one before it.

    Parameters
    ----------
    judged
        Compares results with the original's: later runs must have them too.
    comparison, first
        What was found of the version's first run, and that run.
    early
        Runs of the version, compiled by then, that count as the first of its pairs.
    """
    begun_s = time.monotonic()
    pending = deque(early)
    olds: list[Run] = []
    news: list[Run] = []
    fresh: list[Run] = []
    known, proved = reference.known_runs(before), reference.known_runs(after)

    def run_old() -> Run:  # not where it would be minutes of waiting for what is plain already
        at = len(olds)
        return (
            known[at] if at < len(known) and _is_plain(known[at], news[-1]) else run(before, functions=False)
        )

    def run_new() -> Run:
        at = len(news)
        if at < min(len(proved), len(known)) and _is_plain(known[at], proved[at]):
            return proved[at]
        fresh.append(pending.popleft() if pending else run(after, functions=False))
        return fresh[-1]

    for number in range(effort.pairs_count):
        if new_first := number % 2 == 0:
            news.append(run_new())
        olds.append(run_old())
        if not new_first:  # what comes second in a pair may always be slower
            news.append(run_new())
        if news[-1].failure:
            return trial_of(
                comparison, first, failure=f"failed in a later run: {shortened(news[-1].failure)}"
            )
        if olds[-1].failure:
            return trial_of(comparison, first, failure=f"the version before failed: {olds[-1].failure}")
        if fresh and news[-1] is fresh[-1]:
            again = judged(news[-1].capture)
            if not again.agrees:
                return trial_of(again, first)
        so_far = trial_of(comparison, first, olds=olds, news=news)
        if is_decided(so_far, effort.min_speedup):
            break
        if effort.gives_up and is_hopeless(so_far, effort.min_speedup):
            break
        if number and effort.budget_s and time.monotonic() - begun_s > effort.budget_s:
            break
    reference.remember(after, tuple(fresh))
    return trial_of(comparison, first, olds=olds, news=news)


def until_lost(run: Callable[[], Run], known: Collection[Run]) -> Iterator[Run]:
    """Runs of a new version, one for each known one of that before, as long as they are plainly slower."""
    for _ in known:
        latest = run()
        yield latest
        if not _is_plainly_slower(latest, known):
            return


def is_lost(known: Collection[Run], news: Collection[Run]) -> bool:
    """Is a new version plainly slower in as many runs as are known of the version before it, two at least?"""
    return 1 < len(known) <= len(news) and all(_is_plainly_slower(new, known) for new in news)


def _is_plainly_slower(new: Run, known: Collection[Run]) -> bool:
    """By wall and CPU time, to which neighbours add little, and than each of the runs known."""
    return not new.failure and all(
        new.wall_s > LOST_RATIO * old.wall_s and new.cpu_s > LOST_RATIO * old.cpu_s for old in known
    )


def raced(
    run: Runner,
    new: Mapping[str, str],
    rival: Mapping[str, str],
    reference: Original,
    *,
    first_s: float = 0.0,
    rival_first_s: float = 0.0,
    runs_count: int = RUNS_COUNT,
) -> Race:
    """Run two new versions in turns until one is ahead; both have been compiled before.

    Parameters
    ----------
    first_s, rival_first_s
        What their first runs took, compilation counted; 0 where that is not known.
    runs_count
        Ahead is what takes less in so many runs.
    """
    news: list[Run] = []
    rivals: list[Run] = []
    for number, (ahead, behind) in enumerate(OUTRUN):
        turns = [(news, new), (rivals, rival)]
        for runs, files in turns if number % 2 == 0 else reversed(turns):
            runs.append(run(files, functions=False))
            if runs[-1].failure:
                return Race(tuple(news), is_won=False, failure=runs[-1].failure if runs is news else "")
        threads = any(_is_threaded(one) for one in (*news, *rivals))
        share = median(
            one.wall_s / other.wall_s if threads else one.cpu_s / other.cpu_s
            for one, other in zip(news, rivals, strict=True)
        )
        if abs(first_s - rival_first_s) > _ALIKE_FIRST * rival_first_s > 0 < first_s:
            later_s = (runs_count - 1) * median(one.wall_s for one in rivals)
            share = (first_s + share * later_s) / (rival_first_s + later_s)
        if not ahead <= share <= behind:
            break
    reference.remember(new, tuple(news))
    reference.remember(rival, tuple(rivals))
    return Race(tuple(news), is_won=share < ahead)


def outrun(first: Run, race: Race) -> Trial:
    """The trial of a version that its rival is ahead of: its times, and no word on its results."""
    return Trial(
        after_s=tuple(one.wall_s for one in race.runs),
        after_cpu_s=tuple(one.cpu_s for one in race.runs),
        first_run_s=first.wall_s,
        threaded=any(_is_threaded(one) for one in race.runs),
        pinned=pinned_settings(),
    )


def _is_plain(old: Run, new: Run) -> bool:
    """Is the old version so long, and the new one so much faster, that neighbours cannot have done it?"""
    ratio = old.wall_s / new.wall_s
    by_cpu = ratio > LEAST_CLEAR_RATIO and old.cpu_s > CLEAR_RATIO * new.cpu_s
    return old.wall_s > LONG_RUN_S and (ratio > CLEAR_RATIO or by_cpu)


def _is_threaded(run: Run) -> bool:
    return run.capture.threaded or run.cpu_s > THREADS * run.wall_s


def trial_of(
    comparison: Comparison,
    first: Run | None = None,
    *,
    olds: Collection[Run] = (),
    news: Collection[Run] = (),
    failure: str = "",
) -> Trial:
    """A trial out of what was compared and of the pairs that were run."""
    every = [*olds, *news]
    return Trial(
        before_s=tuple(one.wall_s for one in olds),
        after_s=tuple(one.wall_s for one in news),
        before_cpu_s=tuple(one.cpu_s for one in olds),
        after_cpu_s=tuple(one.cpu_s for one in news),
        first_run_s=first.wall_s if first else 0.0,
        threaded=any(_is_threaded(one) for one in every),
        differences=comparison.differences,
        unstable=comparison.unstable,
        unjudged=comparison.unjudged,
        tolerance=comparison.tolerance,
        failure=failure,
        warnings=tuple(_warnings(comparison)),
        pinned=pinned_settings(),
    )


def _warnings(comparison: Comparison) -> Iterator[str]:
    for name in comparison.drifting:
        yield f"{name.removeprefix(CONSERVED)} drifts, within the solver's own tolerance"
    if comparison.absent:
        names = sorted({plain_name(name) for name in comparison.absent})
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        why = "the new version has no such name, or another shape under it"
        yield f"not compared, because {why}: {', '.join(names[:5])}{more}"


def shortened(failure: str) -> str:
    """A failure's words, cut to what a line can hold."""
    return failure if len(failure) <= 300 else f"{failure[:297]}..."
