"""What makes two runs of one script comparable: equal random numbers, and clocks that give timers away.

Standard library only: this is imported by the user's interpreter.
"""

import functools
import itertools
import random
import time
import timeit
from collections.abc import Callable
from types import ModuleType
from typing import Any

from pdeperf.guest.windows import when_imported

SEED = 20_240_229
SKEW_PER_CALL_S = 7.31
ODD = 97
"""No result is likely to be this by chance."""
CALENDAR_SKEW_S = 1e8
"""The date is wrong by three years as well: seconds show in no list of dates."""


def seed_unseeded() -> None:
    """Give every generator that the script does not seed itself the same start in every run."""
    random.seed(SEED)
    random.seed = _seeded(random.seed)
    when_imported({"numpy.random": _seed_numpy})


def _seeded(real: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, but with a fixed seed where none is given."""

    @functools.wraps(real)
    def seed(value: object = None, *arguments: Any, **options: Any) -> Any:
        return real(SEED if value is None else value, *arguments, **options)

    return seed


def _seed_numpy(module: ModuleType) -> None:
    numpy_random: Any = module
    numpy_random.seed(SEED)
    numpy_random.seed = _seeded(numpy_random.seed)
    real = numpy_random.default_rng
    numbers = itertools.count(SEED)

    @functools.wraps(real)
    def default_rng(seed: object = None) -> Any:
        return real(next(numbers) if seed is None else seed)

    numpy_random.default_rng = default_rng


def fill_new_arrays() -> None:
    """Put numbers into what ``np.empty`` makes: what depends on what memory held before differs then."""
    when_imported({"numpy": _fill_numpy})


def _fill_numpy(module: ModuleType) -> None:
    numpy: Any = module
    for name in ("empty", "empty_like"):
        setattr(numpy, name, _filled(getattr(numpy, name)))


def _filled(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def make(*arguments: Any, **options: Any) -> Any:
        array = real(*arguments, **options)
        if array.dtype.kind in "biufc":
            array.fill(ODD)
        return array

    return make


def skew_clocks() -> None:
    """Make every elapsed time of this run wrong by seconds, so that what depends on it shows.

    Two runs of a script can print the same ``took 0.3 s`` by chance; no faster version ever will.
    """
    calls = itertools.count(1)
    for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
        late_s = CALENDAR_SKEW_S if name == "time" else 0.0
        setattr(time, name, _skewed(getattr(time, name), calls, SKEW_PER_CALL_S, late_s))
        whole = f"{name}_ns"
        skew, late = int(SKEW_PER_CALL_S * 1e9), int(late_s * 1e9)
        setattr(time, whole, _skewed(getattr(time, whole), calls, skew, late))
    timeit.default_timer = time.perf_counter


def _skewed(
    real: Callable[[], Any], calls: "itertools.count[int]", skew: float, late: float
) -> Callable[[], Any]:
    @functools.wraps(real)
    def clock() -> Any:
        return real() + late + next(calls) * skew

    return clock
