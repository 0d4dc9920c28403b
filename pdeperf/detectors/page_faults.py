"""Why large temporary arrays cost more than their arithmetic."""

from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project

from . import Detector, diagnosis

_LEAST_GAIN = 1.1
_LEAST_FAULTS = 10
"""Times as many page faults as with high thresholds."""


class PageFaults:
    """Memory goes back to the operating system and comes anew, page by page.

    Why it is slow
    --------------
    The C library gives large blocks back as soon as they are freed. The next temporary array of that size
    gets new pages: each costs a fault in the kernel, and is set to zero. In a script of array
    expressions this can take as long as the arithmetic.

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
    Where memory is short: the process keeps what it once had. With another C library than glibc. pdeperf
    sets them in one run only, to see what they gain: its speedups are those of the script as you start it.

    References
    ----------
    mallopt(3), ``M_TRIM_THRESHOLD`` and ``M_MMAP_THRESHOLD``.
    """

    rule = "page-faults"
    kind = Kind.ALLOCATION

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on the hottest loop of a script that was measured to run faster with high thresholds."""
        gain, default, raised = (
            max((float(row.value) for row in hotspot.values(metric)), default=0.0)
            for metric in ("malloc_gain", "default_faults_count", "raised_faults_count")
        )
        if hotspot.share < 0.3 or gain < _LEAST_GAIN or default < _LEAST_FAULTS * max(raised, 1.0):
            return
        yield diagnosis(
            self,
            hotspot,
            where=hotspot.where,
            message=(
                f"{default:.2g} page faults on memory that was given back; with high malloc thresholds "
                f"{raised:.2g}, and {gain:.2g}x as fast (measured, CPU time)"
            ),
            headroom=gain,
        )


DETECTOR: Detector = PageFaults()
