"""Which places are worth a try."""

from collections.abc import Sequence
from dataclasses import replace

from pdeperf.model import Diagnosis, Evidence, Kind, Refusal
from pdeperf.pipeline.budget import Budget
from pdeperf.pipeline.profiling import Texts
from pdeperf.pipeline.settings import Settings

LEAST_HEADROOM = 1.5
MUCH = 0.15
"""The share from which matrices are looked at before loops."""
NUMBA_IMPORT_S = 0.5
"""What importing Numba and loading cached code costs a script: less than this is not worth it."""
WITHOUT_NUMBA_S = 0.03
"""The same for a rewrite that imports nothing."""
LEAST_LOOP_S = 0.1
"""Loops that take less are not worth the lines that compute all their turns at once."""
ARRAYS_SUFFICE_S = 3.0
"""Loops that take less gain as much by operations on arrays: these need no compiler to be imported."""
MORE_TIME = "allow more with --budget SECONDS"
_LONGER_RUN = "run it with a larger problem: `pdeperf optimize SCRIPT -- ARGS`"
_MOST_COMPILING = 0.9
_COMPILED = (Kind.LOOP, Kind.ALLOCATION)


def _gain(diagnosis: Diagnosis) -> float:
    """What mending may gain at the place itself; an estimate near 1 is no reason not to try."""
    return diagnosis.headroom if diagnosis.headroom > LEAST_HEADROOM else 1e9


def without_compiler(
    diagnoses: Sequence[Diagnosis],
    evidence: Evidence,
    settings: Settings,
    texts: Texts,
    *,
    solving: Sequence[Diagnosis] = (),
) -> tuple[Diagnosis, ...]:
    """The same places and shorter loops, where nothing runs so long that a compiler outdoes arrays.

    Parameters
    ----------
    solving
        Loops that solve all their systems at once where arrays do: no compiler outdoes that.
    """
    if imports_numba(texts) or settings.min_speedup < 1:
        return ()
    compiled = [
        one
        for one in diagnoses
        if one.kind in _COMPILED and not any(loop.where.contains(one.where) for loop in solving)
    ]
    in_loops_s = _share(compiled) * own_s(evidence)
    if in_loops_s > ARRAYS_SUFFICE_S or not any(one.kind is Kind.LOOP for one in diagnoses):
        return ()
    return worthwhile(diagnoses, evidence, settings, texts, least_s=LEAST_LOOP_S)


def _share(diagnoses: Sequence[Diagnosis]) -> float:
    """What some places take together; what is said of the same lines twice counts once."""
    counted: list[Diagnosis] = []
    for one in sorted(diagnoses, key=lambda each: -each.share):
        here = one.where
        if not any(here.contains(other.where) or other.where.contains(here) for other in counted):
            counted.append(one)
    return min(1.0, sum(one.share for one in counted))


def imports_numba(texts: Texts) -> bool:
    """Is Numba imported, so that one more kernel costs next to nothing?"""
    return any("numba" in text for text in texts.values())


def worthwhile(
    diagnoses: Sequence[Diagnosis],
    evidence: Evidence,
    settings: Settings,
    texts: Texts,
    *,
    least_s: float | None = None,
) -> tuple[Diagnosis, ...]:
    """The diagnoses above the threshold whose mending could show in the whole script's time.

    Matrices that cost much come first: a loop that is compiled takes the solver in it along, which nobody
    reaches afterwards. Who accepts a loss (a minimum speedup below 1) has them all tried.

    Parameters
    ----------
    least_s
        What a loop must take, where nothing is imported yet that mends it; Numba's import if not told.
    """
    least_s = NUMBA_IMPORT_S if least_s is None else least_s
    least_s = WITHOUT_NUMBA_S if imports_numba(texts) else least_s
    if settings.min_speedup < 1:
        least_s = 0.0
    elapsed_s = own_s(evidence)
    lasting = 1 - _compiling_share(evidence)
    kept: list[Diagnosis] = []
    for diagnosis in diagnoses:
        share = min(1.0, sum(other.share for other in diagnoses if other.rule == diagnosis.rule))
        together = replace(diagnosis, share=min(1.0, share / lasting), headroom=_gain(diagnosis))
        imports_nothing = diagnosis.kind in (Kind.SPARSE_FORMAT, Kind.TRANSFER)
        due_s = min(least_s, WITHOUT_NUMBA_S) if imports_nothing else least_s
        pays = share * elapsed_s > due_s and together.predicted_speedup >= settings.min_speedup
        if pays and diagnosis.share / lasting >= settings.threshold:
            kept.append(diagnosis)
    return tuple(sorted(kept, key=_place))


def _compiling_share(evidence: Evidence) -> float:
    """What Numba's own code takes of a profiled run: it compiles, or loads what it has compiled.

    A profiler that looks into compiled code makes this many times longer, and what else is left to mend of a
    script with its first kernel looks small beside it.
    """
    rows = (row for row in evidence.rows if row.metric == "library_share" and row.subject == "numba")
    return min(_MOST_COMPILING, sum(float(row.value) for row in rows))


def _place(diagnosis: Diagnosis) -> int:
    """What comes first: matrices that cost much, and of these what need not be built at all."""
    if diagnosis.kind is not Kind.SPARSE_FORMAT or diagnosis.share < MUCH:
        return 2
    return 0 if diagnosis.rule == "assembled-again" else 1


def unrewarded(
    place: Diagnosis, places: Sequence[Diagnosis], evidence: Evidence, settings: Settings, budget: Budget
) -> Refusal | None:
    """Why a place is not worth a further try after all the time; None if it is.

    Counted is what may be gained there and at the other places where the same is wrong.
    """
    share = sum(one.share for one in {place, *places} if one.rule == place.rule)
    share = min(share / (1 - _compiling_share(evidence)), 1 - 1e-9)
    most = replace(place, share=share, headroom=_gain(place)).predicted_speedup
    reason = budget.unrewarded(most) if settings.min_speedup >= 1 else ""
    return refusal_of(place, reason, MORE_TIME) if reason else None


def own_s(evidence: Evidence) -> float:
    """The script's time without what neighbours on a busy machine add to it.

    A script that waits, for a disk or a device, has little CPU time; its loops have theirs.
    """
    cpu_s = sum(
        float(row.value)
        for row in evidence.rows
        if row.collector == "process" and row.metric in ("user_s", "system_s")
    )
    return min(evidence.elapsed_s, cpu_s) if cpu_s else evidence.elapsed_s


def refusal_of(diagnosis: Diagnosis, reason: str, advice: str = "") -> Refusal:
    """What is said of a place for which no backend was asked, or none to blame."""
    return Refusal(
        backend="pdeperf", diagnosis=diagnosis, where=diagnosis.where, reason=reason, advice=advice
    )


def too_little(diagnosis: Diagnosis, evidence: Evidence) -> Refusal:
    """Why a place is left alone that may be mended, but takes too little of the time."""
    reason = f"it takes {diagnosis.share * own_s(evidence):.2f} s: too little to gain"
    return refusal_of(diagnosis, reason)


def all_too_little(diagnoses: Sequence[Diagnosis], evidence: Evidence) -> tuple[Refusal, ...]:
    """Why all places are left alone, and what to do, said once."""
    found = (too_little(diagnosis, evidence) for diagnosis in diagnoses)
    return tuple(replace(one, advice="" if number else _LONGER_RUN) for number, one in enumerate(found))


def is_missed(diagnosis: Diagnosis, evidence: Evidence) -> bool:
    """Does a place take so long that somebody asks why it was left alone?"""
    return diagnosis.share * own_s(evidence) >= LEAST_LOOP_S
