"""The machine: its processor, the versions in the user's interpreter, and its measured rates."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pdeperf.model import Environment

RECORDED = "environment.json"
_PACKAGES = (
    "numpy",
    "scipy",
    "numba",
    "matplotlib",
    "cupy",
    "fipy",
    "llvmlite",
    "pyamg",
    "petsc4py",
    "mpi4py",
)
_STREAM_ELEMENTS = 4_000_000
_CACHED_ELEMENTS = 2_000


def cpu_model() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def threads_count() -> int:
    """Logical processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def cores_count() -> int:
    """Physical cores among them, as far as the system tells."""
    try:
        siblings = {
            path.read_text().strip()
            for path in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology/thread_siblings_list")
        }
    except OSError:
        siblings = set()
    return min(len(siblings) or threads_count(), threads_count())


def _fastest_s(run: Callable[[], object], repeat_count: int) -> float:
    best = float("inf")
    for _ in range(repeat_count):
        started = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - started)
    return best


def measured_rates() -> dict[str, float]:
    """Bytes per second of a streaming addition, operations per second in the cache; one thread, compiled."""
    try:
        import numpy
    except ImportError:
        return {}
    first, second, out = (numpy.ones(_STREAM_ELEMENTS) for _ in range(3))
    stream_s = _fastest_s(lambda: numpy.add(first, second, out), 6)
    small, other = (numpy.ones(_CACHED_ELEMENTS) for _ in range(2))

    def multiply_and_add() -> None:
        for _ in range(200):
            numpy.dot(small, other)

    return {
        "memory_bandwidth_bytes_per_s": 3 * 8 * _STREAM_ELEMENTS / stream_s,
        "scalar_rate_per_s": 2 * 200 * _CACHED_ELEMENTS / _fastest_s(multiply_and_add, 20),
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def cache_file() -> Path:
    """Where the rates of this machine are kept between sessions."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "pdeperf" / f"{platform.node()}.rates.json"


def measure(folder: Path) -> None:
    """Write what the interpreter that runs this knows: its versions and, unless they are kept, the rates."""
    found = {
        "python_version": platform.python_version(),
        "versions": list(_versions()),
        "rates": _kept_rates(),
    }
    (folder / RECORDED).write_text(json.dumps(found))


def _kept_rates() -> dict[str, float]:
    try:
        kept: dict[str, float] = json.loads(cache_file().read_text())
        return kept
    except (OSError, ValueError):
        rates = measured_rates()
    if rates:
        with suppress(OSError):  # a home that cannot be written to: measured again next time
            cache_file().parent.mkdir(parents=True, exist_ok=True)
            cache_file().write_text(json.dumps(rates))
    return rates


def read(folder: Path) -> Environment:
    """Put together what the user's interpreter said and what the system says."""
    try:
        found = json.loads((folder / RECORDED).read_text())
    except (OSError, ValueError):
        found = {}
    rates = found.get("rates") or {}
    return Environment(
        cpu_model=cpu_model(),
        cores_count=cores_count(),
        threads_count=threads_count(),
        python_version=found.get("python_version", platform.python_version()),
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
        versions=tuple((name, number) for name, number in found.get("versions", ())),
        gpu=_gpu(),
        memory_bandwidth_bytes_per_s=rates.get("memory_bandwidth_bytes_per_s", 0.0),
        scalar_rate_per_s=rates.get("scalar_rate_per_s", 0.0),
    )


def _gpu() -> str:
    try:
        models = (path.read_text() for path in Path("/proc/driver/nvidia/gpus").glob("*/information"))
        names = [
            line.partition(":")[2].strip() for text in models for line in text.splitlines() if "Model" in line
        ]
    except OSError:
        return ""
    return ", ".join(names)


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
