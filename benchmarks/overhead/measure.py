"""Prints what each pass of ``pdeperf profile`` costs, as run time watched over run time unwatched.

Usage: ``python benchmarks/overhead/measure.py [REPETITIONS]``

Each pass watches the whole script here; in a profile all but the first two are stopped within a
budget. What a pass takes on a script that imports and does nothing is told first, in seconds: it is
the same however long a script runs, and a part of the ratios below it. The scripts take some 3 s, so
that the ratios are those of the work. The last line of each script is the whole profile against what
it is allowed: 3 times the script's own time plus 3 s.
"""

import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pdeperf.collectors import (
    Collector,
    arguments,
    cprofile,
    line_profiler,
    memray,
    pyinstrument,
    pyspy,
    sparse,
    unwatched,
)
from pdeperf.collectors.passes import profile
from pdeperf.collectors.runs import ALLOWED_RUNS, ALLOWED_S, Session
from pdeperf.guest.launch import importable, pinned_environment
from pdeperf.guest.scratch import scratch
from pdeperf.model import Workload

HERE = Path(__file__).parent
START = "start.py"
SCRIPTS = ("loops.py", "slices.py", "sparse.py", "products.py")
WATCHERS: tuple[Collector, ...] = (
    pyspy.COLLECTOR,
    arguments.COLLECTOR,
    line_profiler.COLLECTOR,
    cprofile.COLLECTOR,
    pyinstrument.COLLECTOR,
    memray.COLLECTOR,
    sparse.COLLECTOR,
)


def times(script: str, repetitions: int) -> Mapping[str, list[tuple[float, float]]]:
    """Seconds watched and unwatched, each pair run one after the other."""
    found: dict[str, list[tuple[float, float]]] = {watcher.name: [] for watcher in WATCHERS}
    with scratch(script, HERE) as place, importable() as path, tempfile.TemporaryDirectory() as folder:
        variables = pinned_environment(path, cache_dir=Path(folder) / "numba", place=place)
        session = Session(Workload(script=script), place, sys.executable, variables, Path(folder))
        for _ in range(repetitions):
            for watcher in WATCHERS:
                alone = session.run(unwatched.COLLECTOR).status["elapsed_s"]
                found[watcher.name].append((session.run(watcher).status["elapsed_s"], alone))
    return found


def whole(script: str) -> tuple[float, float]:
    """The wall time of a whole profile, and what it is allowed."""
    with scratch(script, HERE) as place, tempfile.TemporaryDirectory() as folder:
        evidence = profile(
            Workload(script=script),
            place,
            Path(folder),
            interpreter=sys.executable,
            progress=lambda text: None,
        ).evidence
    return evidence.profiling_s, ALLOWED_RUNS * evidence.elapsed_s + ALLOWED_S


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{START}: seconds more")
    for name, pairs in times(START, repetitions).items():
        _print_line(name, [watched - alone for watched, alone in pairs])
    for script in SCRIPTS:
        print(f"{script}: times as long")
        for name, pairs in times(script, repetitions).items():
            _print_line(name, [watched / alone for watched, alone in pairs])
        spent_s, allowed_s = whole(script)
        print(f"  whole profile    {spent_s:6.2f} s of {allowed_s:.2f} s allowed")


def _print_line(name: str, each: list[float]) -> None:
    print(f"  {name:16} {statistics.median(each):6.2f}  ({min(each):.2f} to {max(each):.2f})", flush=True)


if __name__ == "__main__":
    main()
