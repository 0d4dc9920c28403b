"""Which places are worth a try."""

from collections.abc import Sequence
from dataclasses import replace

from pdeperf.model import Diagnosis, Evidence, Kind
from pdeperf.pipeline.profiling import Texts
from pdeperf.pipeline.settings import Settings

LEAST_HEADROOM = 1.5
MUCH = 0.15
"""The share from which matrices are looked at before loops."""
NUMBA_IMPORT_S = 0.5
"""What importing Numba and loading cached code costs a script: less than this is not worth it."""
WITHOUT_NUMBA_S = 0.03
"""The same for a rewrite that imports nothing."""


def _gain(diagnosis: Diagnosis) -> float:
    """What mending may gain at the place itself; an estimate near 1 is no reason not to try."""
    return diagnosis.headroom if diagnosis.headroom > LEAST_HEADROOM else 1e9


def worthwhile(
    diagnoses: Sequence[Diagnosis], evidence: Evidence, settings: Settings, texts: Texts
) -> tuple[Diagnosis, ...]:
    """The diagnoses above the threshold whose mending could show in the whole script's time.

    Matrices that cost much come first: a loop that is compiled takes the solver in it along, which nobody
    reaches afterwards. Who accepts a loss (a minimum speedup below 1) has them all tried.
    """
    least_s = WITHOUT_NUMBA_S if any("numba" in text for text in texts.values()) else NUMBA_IMPORT_S
    if settings.min_speedup < 1:
        least_s = 0.0
    elapsed_s = own_s(evidence)
    kept: list[Diagnosis] = []
    for diagnosis in diagnoses:
        share = min(1.0, sum(other.share for other in diagnoses if other.rule == diagnosis.rule))
        together = replace(diagnosis, share=share, headroom=_gain(diagnosis))
        imports_nothing = diagnosis.kind in (Kind.SPARSE_FORMAT, Kind.TRANSFER)
        due_s = min(least_s, WITHOUT_NUMBA_S) if imports_nothing else least_s
        pays = share * elapsed_s > due_s and together.predicted_speedup >= settings.min_speedup
        if pays and diagnosis.share >= settings.threshold:
            kept.append(diagnosis)
    return tuple(sorted(kept, key=_place))


def _place(diagnosis: Diagnosis) -> int:
    """What comes first: matrices that cost much, and of these what need not be built at all."""
    if diagnosis.kind is not Kind.SPARSE_FORMAT or diagnosis.share < MUCH:
        return 2
    return 0 if diagnosis.rule == "assembled-again" else 1


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
