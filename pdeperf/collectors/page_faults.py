"""What page faults cost the script: one run with malloc's thresholds raised, beside its own."""

import json
import shutil
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.collectors.child import STATUS
from pdeperf.collectors.unwatched import Nothing
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

VARIABLES = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
THRESHOLD_BYTES = 512 * 1024 * 1024
_LEAST_BYTES = 16 * 1024
"""Smaller arrays never go back to the operating system: malloc's own thresholds are eight times as high."""
_ITEM_BYTES = 8
_METRICS = ("user_s", "system_s", "minor_faults_count")


class _Collector:
    name = "page_faults"

    def command(self, child: list[str], folder: Path) -> list[str]:
        env = shutil.which("env")
        if env is None:
            return child
        return [env, *(f"{name}={THRESHOLD_BYTES}" for name in VARIABLES), *child]

    def record(self, job: Job) -> Recording:
        return Nothing()

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        status = json.loads((folder / STATUS).read_text())
        whole = Span(file=next(iter(project.modules)), first=1, last=1)
        if status.get("complete"):
            for metric in _METRICS:
                value = float(status[metric])
                yield Measurement(where=whole, metric=metric, value=value, collector=self.name)


def has_large_arrays(rows: Sequence[Measurement]) -> bool:
    """Was an array seen whose memory may go back when it is freed? Where none was seen, who knows."""
    arrays = {(row.where, row.subject) for row in rows if row.metric == "ndim"}  # not matrices
    sizes = [
        prod(int(length) for length in str(row.value).split("x") if length.isdigit())
        for row in rows
        if row.metric == "shape" and (row.where, row.subject) in arrays
    ]
    return not sizes or max(sizes) * _ITEM_BYTES >= _LEAST_BYTES


def malloc_gains(rows: Sequence[Measurement], loops: Sequence[Span]) -> Iterator[Measurement]:
    """What higher thresholds gain, told to every loop: CPU time without them over that with them."""
    default, raised = (
        {row.metric: float(row.value) for row in rows if row.collector == name}
        for name in ("process", COLLECTOR.name)
    )
    cpu_s = [each.get("user_s", 0.0) + each.get("system_s", 0.0) for each in (default, raised)]
    if not all(cpu_s):
        return
    for where in loops:
        for metric, value in (
            ("malloc_gain", cpu_s[0] / cpu_s[1]),
            ("default_faults_count", default.get("minor_faults_count", 0.0)),
            ("raised_faults_count", raised["minor_faults_count"]),
        ):
            yield Measurement(where=where, metric=metric, value=value, collector=COLLECTOR.name)


COLLECTOR: Collector = _Collector()
