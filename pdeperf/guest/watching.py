"""What the watching of a run takes, so that it is not counted as the script's own time."""

import builtins
import time
from collections.abc import Iterator
from contextlib import contextmanager

_wall_s, _cpu_s = time.perf_counter, time.process_time
"""Taken before any clock is skewed."""
_TRIED_COUNT = 2_000
_TRIES_COUNT = 5


class Watching:
    """Adds up wall and CPU time.

    Parameters
    ----------
    wall_s, cpu_s
        When the watching began, by :func:`now`.
    """

    def __init__(self, wall_s: float, cpu_s: float) -> None:
        self.wall_s = _wall_s() - wall_s
        self.cpu_s = _cpu_s() - cpu_s

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Count the time that this block takes."""
        began_s, began_cpu_s = now()
        try:
            yield
        finally:
            self.wall_s += _wall_s() - began_s
            self.cpu_s += _cpu_s() - began_cpu_s

    def add_counters(self, functions_count: int, module_count: int) -> None:
        """Count what so many counters took that stood in functions, and on the top level of modules."""
        for count, inside in ((functions_count, True), (module_count, False)):
            took_s = count * counter_s(inside=inside) if count > _TRIED_COUNT else 0.0
            self.wall_s += took_s
            self.cpu_s += took_s


def now() -> tuple[float, float]:
    """The clocks' wall and CPU time."""
    return _wall_s(), _cpu_s()


def counter_s(*, inside: bool) -> float:
    """How long does one counter take that was put into a function, or on the top level of a module?

    Tried here and now: what it takes hangs on the machine and on its interpreter.
    """
    vars(builtins)["__pdeperf_tried__"] = [2 * _TRIED_COUNT]
    count = "    __pdeperf_tried__[0] -= 1\n    if not __pdeperf_tried__[0]: pass\n"
    took_s = [
        min(_looped_s(body, inside=inside) for _ in range(_TRIES_COUNT)) for body in (count, "    pass\n")
    ]
    return max(took_s[0] - took_s[1], 0.0) / _TRIED_COUNT


def _looped_s(body: str, *, inside: bool) -> float:
    vars(builtins)["__pdeperf_tried__"][0] = 2 * _TRIED_COUNT
    loop = f"for __pdeperf_turn__ in range({_TRIED_COUNT}):\n{body}"
    if inside:
        indented = "".join(f"    {line}\n" for line in loop.splitlines())
        loop = f"def looped():\n{indented}looped()\n"
    code = compile(loop, "<counter>", "exec")
    began_s = _wall_s()
    exec(code, {})
    return _wall_s() - began_s
