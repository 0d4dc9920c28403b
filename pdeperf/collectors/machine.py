"""All that ``pdeperf doctor`` wants to know of the user's interpreter and its machine, as JSON.

``python -m pdeperf.collectors.machine`` prints it. Everything is looked up in this process and
nothing is judged here.
"""

import importlib
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pdeperf.collectors.environment import cores_count, cpu_model, measured_rates, threads_count
from pdeperf.guest import accelerator

PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "matplotlib", "tbb", "threadpoolctl", "mpi4py", "pyamg")
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMBA_THREADING_LAYER",
)
_ELEMENTS = 4_000_000
"""A part's length for each thread: its three arrays are far larger than a core's share of the cache."""


def measure() -> dict[str, Any]:
    """Everything, as JSON's types."""
    return {
        "python": platform.python_version(),
        "interpreter": sys.executable,
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpu": cpu_model(),
        "cores_count": cores_count(),
        "threads_count": threads_count(),
        "memory_bytes": _memory_bytes(),
        "versions": dict(_versions()),
        "variables": {name: os.environ[name] for name in _THREAD_VARIABLES if name in os.environ},
        "rates": {**measured_rates(), **_streams()},
        "blas": _blas(),
        "numba": _numba(),
        "gpu": accelerator.measure(),
    }


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _streams() -> dict[str, float]:
    """Bytes per second of a streaming addition on all threads at once (NumPy lets them run)."""
    try:
        numpy = importlib.import_module("numpy")
    except ImportError:
        return {}
    count = threads_count()
    parts = [tuple(numpy.ones(_ELEMENTS) for _ in range(3)) for _ in range(count)]
    best = float("inf")
    for _ in range(4):
        crew = [threading.Thread(target=numpy.add, args=part) for part in parts]
        began = time.perf_counter()
        for each in crew:
            each.start()
        for each in crew:
            each.join()
        best = min(best, time.perf_counter() - began)
    return {"all_threads_bytes_per_s": 3 * 8 * _ELEMENTS * count / best}


def _blas() -> dict[str, Any]:
    """Which BLAS NumPy uses, and with how many threads where that can be told."""
    try:
        numpy = importlib.import_module("numpy")
        built = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    except (ImportError, TypeError, KeyError):
        return {}
    found = {"name": str(built.get("name", "")), "version": str(built.get("version", ""))}
    try:
        pools = importlib.import_module("threadpoolctl").threadpool_info()
    except ImportError:
        return found
    own = [pool for pool in pools if pool.get("user_api") == "blas"]
    if own:
        found |= {"threads_count": own[0].get("num_threads"), "kernels": own[0].get("architecture", "")}
    return found


def _numba() -> dict[str, Any]:
    """Numba's threading layer, found as it is found for any kernel: by running a parallel one."""
    try:
        numba = importlib.import_module("numba")
    except ImportError as error:
        return {"problem": str(error)} if not isinstance(error, ModuleNotFoundError) else {}
    prange = numba.prange

    def total(count: int) -> int:
        found = 0
        for i in prange(count):
            found += i
        return found

    try:
        numba.njit(total, parallel=True)(100)
        return {"threads_count": numba.get_num_threads(), "layer": numba.threading_layer()}
    except Exception as error:  # Numba's failures are of many types; which one is the answer
        return {"problem": f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"}


if __name__ == "__main__":
    found = measure()
    if found["gpu"].get("rates"):
        host = found["rates"].get("all_threads_bytes_per_s", 0.0)
        accelerator.keep({**found["gpu"]["rates"], "host_bytes_per_s": host})
    Path(sys.argv[1]).write_text(json.dumps(found))
