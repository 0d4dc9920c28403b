"""How far apart two values of one observable are, in L2 and in Linf, absolutely and worst where."""

from dataclasses import dataclass
from math import inf

import numpy as np

from pdeperf.judge.values import Array, Observable

SAMPLES_COUNT = 64
PROJECTIONS_COUNT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """The difference of two values, with the size of the first.

    Attributes
    ----------
    l2, linf
        Norms of the difference; inf where no difference can be formed, which ``note`` explains.
    size_l2, size_linf
        Norms of the reference.
    """

    l2: float
    linf: float
    size_l2: float = 0.0
    size_linf: float = 0.0
    worst_index: tuple[int, ...] = ()
    note: str = ""

    def relative(self) -> tuple[float, float]:
        """Both norms over those of the reference; inf where that is zero and the difference is not."""
        return _ratio(self.l2, self.size_l2), _ratio(self.linf, self.size_linf)


def _ratio(part: float, whole: float) -> float:
    if part == 0.0:
        return 0.0
    return part / whole if whole else inf


def _unlike(note: str) -> Distance:
    return Distance(l2=inf, linf=inf, note=note)


def _kind(values: Array) -> str:
    return {"u": "i"}.get(values.dtype.kind, values.dtype.kind)


def narrowing(reference: Observable, other: Observable) -> str:
    """Is a number held in less precision now? ``float64 became float32``, or nothing."""
    old, new = reference.values.dtype, other.values.dtype
    typed = reference.typed and other.typed and not reference.reduced
    is_narrower = old.kind == new.kind and old.kind in "fc" and new.itemsize < old.itemsize
    return f"{old} became {new}" if typed and is_narrower else ""


def distance(reference: Observable, other: Observable) -> Distance:
    """Measure how far ``other`` lies from ``reference``.

    NaN and infinities must stand at equal places. Numbers read from text are compared as they are
    printed: ``0.5`` may be a rounded number or an exact one.
    """
    if reference.shape != other.shape or reference.reduced != other.reduced:
        return _unlike(f"shape {reference.shape} became {other.shape}")
    old, new = reference.values, other.values
    if reference.typed and other.typed and _kind(old) != _kind(new):
        return _unlike(f"{old.dtype} became {new.dtype}")
    if old.shape != new.shape:
        return _unlike(f"shape {old.shape} became {new.shape}")
    has_nan = _kind(old) in "fc"
    if not old.size or (old.dtype == new.dtype and np.array_equal(old, new, equal_nan=has_nan)):
        return Distance(l2=0.0, linf=0.0)
    common = np.complex128 if "c" in (_kind(old), _kind(new)) else np.float64
    old, new = old.astype(common), new.astype(common)
    finite = np.isfinite(old)
    if not np.array_equal(finite, np.isfinite(new)):
        return _unlike("NaN or infinity where there was a number, or the reverse")
    if not np.array_equal(old[~finite], new[~finite], equal_nan=True):
        return _unlike("NaN became infinity, or infinity changed its sign")
    old, new = np.where(finite, old, 0.0), np.where(finite, new, 0.0)
    with np.errstate(over="ignore"):
        gaps = np.abs(new - old)
    return _summary(old, gaps) if reference.reduced else _whole(old, gaps)


def _norm(values: Array) -> float:
    """L2 norm that neither overflows nor loses tiny values."""
    largest = float(np.max(np.abs(values), initial=0.0))
    return largest * float(np.linalg.norm((values / largest).reshape(-1))) if 0 < largest < inf else largest


def _whole(old: Array, gaps: Array) -> Distance:
    flat_index = int(np.argmax(gaps))
    return Distance(
        l2=_norm(gaps),
        linf=float(gaps.reshape(-1)[flat_index]),
        size_l2=_norm(old),
        size_linf=float(np.max(np.abs(old))),
        worst_index=tuple(int(index) for index in np.unravel_index(flat_index, gaps.shape)),
    )


def _summary(old: Array, gaps: Array) -> Distance:
    """From a summary: a projection's difference is, in the mean square, the L2 norm of the difference."""
    projections = gaps[SAMPLES_COUNT : SAMPLES_COUNT + PROJECTIONS_COUNT]
    lowest, highest, size_l2 = (float(abs(value)) for value in old[-3:])
    points = np.concatenate([gaps[:SAMPLES_COUNT], gaps[-3:-1]])
    return Distance(
        l2=max(float(np.sqrt(np.mean(projections**2))), float(gaps[-1])),
        linf=float(np.max(points)),
        size_l2=size_l2,
        size_linf=max(lowest, highest),
    )
