"""The child process of one pass: runs the user's script with one collector watching.

Usage: ``python -m pdeperf.collectors.child JOB.json``
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from pdeperf.collectors import Job, Recording
from pdeperf.guest import overlay
from pdeperf.guest.script import local_file, run_script
from pdeperf.guest.windows import Windows

STATUS = "status.json"


def _local_files(root: Path, script: str) -> Iterator[str]:
    """The user's files that took part, the script first."""
    yield from filter(None, [local_file(script, root)])
    for module in list(sys.modules.values()):
        filename = getattr(module, "__file__", None)
        if isinstance(filename, str) and filename.endswith(".py") and (file := local_file(filename, root)):
            yield file


def _queued_s() -> float:
    """How long this process could have run and had no processor, as Linux counts it; 0 elsewhere."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


class _Run:
    """One watched run, ended by the script or by the timer, whichever is first."""

    def __init__(self, job: Job, recording: Recording) -> None:
        self._job = job
        self._recording = recording
        self._started = time.perf_counter()
        self._queued_before_s = _queued_s()
        self._process = os.getpid()

    def end(self, *, complete: bool, exit_code: int = 0) -> None:
        """Write what was seen; a forked child of the script's has nothing to say."""
        if os.getpid() != self._process:
            return
        elapsed_s = time.perf_counter() - self._started
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._recording.stop()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        status = {
            "complete": complete,
            "exit_code": exit_code,
            "elapsed_s": elapsed_s,
            "queued_s": min(_queued_s() - self._queued_before_s, elapsed_s),
            "user_s": usage.ru_utime,
            "system_s": usage.ru_stime,
            "minor_faults_count": usage.ru_minflt,
            "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            "modules": sorted(name for name in sys.modules if "." not in name),
            "files": list(dict.fromkeys(_local_files(Path(self._job.root), self._job.script))),
        }
        (Path(self._job.folder) / STATUS).write_text(json.dumps(status))

    def cut(self, signal_number: int, frame: FrameType | None) -> None:
        """Out of budget: keep what was seen, and stop at once."""
        if os.getpid() == self._process:
            self.end(complete=False)
        os._exit(0)


def main() -> None:
    """Run the job named on the command line; the script's own failure propagates."""
    job = Job.from_json(Path(sys.argv[1]).read_text())
    recording = importlib.import_module(f"pdeperf.collectors.{job.collector}").COLLECTOR.record(job)
    run = _Run(job, recording)
    if job.budget_s:
        signal.signal(signal.SIGALRM, run.cut)
        signal.setitimer(signal.ITIMER_REAL, job.budget_s)
    overlay.install()
    windows = Windows()
    windows.install()
    recording.start()
    exit_code = 1
    try:
        run_script(Path(job.script), job.argv, root=Path(job.root), transform=recording.transform)
        windows.finish()
        exit_code = 0
    except SystemExit as end:
        exit_code = end.code if isinstance(end.code, int) else 1
        raise
    finally:
        run.end(complete=exit_code == 0, exit_code=exit_code)


if __name__ == "__main__":
    main()
