"""One rank of an MPI program: how long it ran, and how long it was in communication, where.

Usage: ``python -m pdeperf.guest.ranks JOB.json``, started by mpiexec. The communicators of mpi4py are
replaced by ones that look at the clock. Standard library and mpi4py only.
"""

import importlib
import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pdeperf.guest import overlay
from pdeperf.guest.script import local_file, run_script

_COLLECTIVE = (
    "Barrier", "Bcast", "Reduce", "Allreduce", "Gather", "Gatherv", "Allgather", "Allgatherv", "Scatter",
    "Scatterv", "Alltoall", "Alltoallv", "Alltoallw", "Scan", "Exscan", "Reduce_scatter",
    "Reduce_scatter_block", "Neighbor_allgather", "Neighbor_allgatherv", "Neighbor_alltoall",
    "Neighbor_alltoallv", "Neighbor_alltoallw",
)  # fmt: skip
_BETWEEN_TWO = ("Send", "Ssend", "Bsend", "Rsend", "Recv", "Sendrecv", "Sendrecv_replace", "Probe", "Mprobe")
_BLOCKING = frozenset(
    name for both in (*_COLLECTIVE, *_BETWEEN_TWO) for name in (both, both[0].lower() + both[1:])
)
_WAITING = frozenset(
    name for both in ("Wait", "Waitall", "Waitany", "Waitsome") for name in (both, both.lower())
)
_MAKING = frozenset({"Dup", "Clone", "Split", "Split_type", "Create", "Create_cart", "Sub"})
_STARTING = frozenset(
    {"Isend", "Issend", "Ibsend", "Irsend", "Irecv", "isend", "issend", "irecv"}
    | {f"I{name[0].lower()}{name[1:]}" for name in _COLLECTIVE}
)


class Clock:
    """Adds up time in communication by operation and the user's line."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._depth = 0
        self.spent_s: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.calls_count: defaultdict[tuple[str, str], int] = defaultdict(int)

    def timed(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, with the clock running; what it calls itself is not counted again."""

        def call(*arguments: Any, **options: Any) -> Any:
            if self._depth:
                return method(*arguments, **options)
            self._depth += 1
            started = time.perf_counter()
            try:
                return method(*arguments, **options)
            finally:
                key = (name, self._caller())
                self.spent_s[key] += time.perf_counter() - started
                self.calls_count[key] += 1
                self._depth -= 1

        return call

    def _caller(self) -> str:
        frame = sys._getframe(2)
        while frame is not None:
            file = local_file(frame.f_code.co_filename, self._root)
            if file:
                return f"{file}:{frame.f_lineno}"
            if frame.f_back is None:
                break
            frame = frame.f_back
        return ""


def install(clock: Clock) -> Any:
    """Put timed communicators into mpi4py; gives the world's."""
    MPI: Any = importlib.import_module("mpi4py.MPI")  # noqa: N806
    timed: dict[type, type] = {}

    def again(made: Any) -> Any:
        kind = timed.get(type(made))
        return kind(made) if kind is not None else made

    def remade(method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, **options: again(method(*arguments, **options))

    def subclass(base: Any, names: frozenset[str], makes: frozenset[str]) -> type:
        found: dict[str, Any] = {}
        for name in names | makes:
            method = getattr(base, name, None)
            if method is None:
                continue
            if name in makes:
                found[name] = remade(method)
            else:
                wrapped = clock.timed(name, method)
                # Waitall and its like belong to the class, and are called without an instance.
                found[name] = staticmethod(wrapped) if name in _OF_CLASS else wrapped
        return type(base.__name__, (base,), found)

    for base in (MPI.Request, MPI.Intracomm, MPI.Cartcomm):
        is_request = base is MPI.Request
        timed[base] = subclass(
            base, _WAITING if is_request else _BLOCKING, frozenset() if is_request else _MAKING | _STARTING
        )
    for base, kind in timed.items():
        setattr(MPI, base.__name__, kind)
    MPI.COMM_WORLD = again(MPI.COMM_WORLD)
    return MPI.COMM_WORLD


_OF_CLASS = frozenset({"Waitall", "waitall", "Waitany", "waitany", "Waitsome", "waitsome"})


def main() -> None:
    """Run the script as one rank and write what it took."""
    job = json.loads(Path(sys.argv[1]).read_text())
    root = Path(job["root"])
    overlay.install()
    clock = Clock(root)
    world = install(clock)
    rank, ranks_count = world.Get_rank(), world.Get_size()
    if ranks_count != job["ranks"]:
        seen = f"it sees {ranks_count} ranks, not {job['ranks']}"
        sys.exit(f"this mpi4py does not belong to that mpiexec: {seen}")
    clock.spent_s.clear()
    clock.calls_count.clear()
    started, began = time.perf_counter(), time.process_time()
    try:
        run_script(Path(job["script"]), tuple(job["argv"]), root=root)
    finally:
        found = {
            "rank": rank,
            "elapsed_s": time.perf_counter() - started,
            "cpu_s": time.process_time() - began,
            "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "waits": [
                {"operation": key[0], "where": key[1], "spent_s": spent_s, "calls": clock.calls_count[key]}
                for key, spent_s in sorted(clock.spent_s.items())
            ],
        }
        target = Path(job["folder"]) / f"rank-{rank}.json"
        with open(os.fspath(target) + ".part", "w") as stream:
            json.dump(found, stream)
        os.replace(os.fspath(target) + ".part", target)


if __name__ == "__main__":
    main()
