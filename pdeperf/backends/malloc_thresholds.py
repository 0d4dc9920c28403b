"""Memory that is kept, by two variables of the C library: advice, since no source changes."""

from collections.abc import Iterator

from pdeperf.model import Candidate, Diagnosis, Refusal
from pdeperf.source import Project

from . import Backend

_BYTES = 512 * 1024 * 1024


class MallocThresholds:
    """Tells how to start the script so that freed memory stays with the process.

    Why it is slow
    --------------
    Each large temporary array is mapped from the operating system and given back.

    Slow
    ----
    ::

        subprocess.run(["python", "solver.py"])

    Faster
    ------
    ::

        thresholds = {"MALLOC_TRIM_THRESHOLD_": "536870912", "MALLOC_MMAP_THRESHOLD_": "536870912"}
        subprocess.run(["python", "solver.py"], env={**os.environ, **thresholds})

    When it is wrong
    ----------------
    Where memory is short: the process keeps what it once had.

    References
    ----------
    mallopt(3), ``M_TRIM_THRESHOLD`` and ``M_MMAP_THRESHOLD``.
    """

    name = "malloc-thresholds"
    answers = frozenset(("page-faults",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """No rewrite: the advice, with the gain that was measured."""
        script = next(iter(project.modules))
        settings = " ".join(
            f"{name}={_BYTES}" for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
        )
        yield Refusal(
            backend=self.name,
            diagnosis=diagnosis,
            where=diagnosis.where,
            reason=f"no source need change for this: {diagnosis.message}",
            advice=f"start it as `{settings} python {script}`",
        )


BACKEND: Backend = MallocThresholds()
