"""What the GPU is, and how fast it takes, works and gives back: measured through CuPy in this process.

Standard library only, CuPy aside, which is looked for when it is asked about.
"""

import ctypes
import importlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

_COPIED_BYTES = 256 * 1024 * 1024
_CARRIED_BYTES = 64 * 1024 * 1024
SINGLE_RTOL = 1e-4
"""How far results may differ where the user has asked for single precision, relative."""
_LAUNCHES_COUNT = 200
_NAME_BYTES = 256
_TRY = r"""
extern "C" __global__ void add_one(double* x, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] = x[i] + 1.0;
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What offloading costs and gains on this machine.

    Attributes
    ----------
    copy_bytes_per_s
        Device memory, bytes read and written by a copy from one array to another.
    to_device_bytes_per_s, to_host_bytes_per_s
        Ordinary (pageable) host memory.
    launch_s
        One kernel on a small array, the calls from Python included.
    scalar_read_s
        One number brought to the host, the wait for it included.
    compile_s
        A first small kernel, from source to the end of its run.
    host_bytes_per_s
        The processor's own memory, all threads at work; 0 where it was not measured.
    """

    copy_bytes_per_s: float = 0.0
    to_device_bytes_per_s: float = 0.0
    to_host_bytes_per_s: float = 0.0
    launch_s: float = 0.0
    scalar_read_s: float = 0.0
    compile_s: float = 0.0
    host_bytes_per_s: float = 0.0

    def on_gpu_s(
        self, turns: float, kernels_count: int, step_bytes: float, moved: tuple[float, float]
    ) -> float:
        """What a loop is expected to take there, its transfers counted."""
        step_s = kernels_count * self.launch_s + step_bytes / self.copy_bytes_per_s
        there, back = moved
        return turns * step_s + there / self.to_device_bytes_per_s + back / self.to_host_bytes_per_s

    def on_host_s(self, turns: float, step_bytes: float) -> float:
        """What the same loop takes, fused and compiled, at the processor's bandwidth."""
        return turns * step_bytes / self.host_bytes_per_s if self.host_bytes_per_s else float("inf")


def driver() -> dict[str, Any]:
    """What the driver itself says: ``cuda`` (1000 * major + 10 * minor), ``devices``; empty without one."""
    try:
        library = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return {}
    version, count = ctypes.c_int(), ctypes.c_int()
    if library.cuInit(0) or library.cuDriverGetVersion(ctypes.byref(version)):
        return {"cuda": 0, "devices": []}
    if library.cuDeviceGetCount(ctypes.byref(count)):
        return {"cuda": version.value, "devices": []}
    names: list[str] = []
    for number in range(count.value):
        device, name = ctypes.c_int(), ctypes.create_string_buffer(_NAME_BYTES)
        if not library.cuDeviceGet(ctypes.byref(device), number):
            library.cuDeviceGetName(name, _NAME_BYTES, device)
            names.append(name.value.decode(errors="replace"))
    return {"cuda": version.value, "devices": names}


def cupy_packages() -> dict[str, str]:
    """Installed distributions of CuPy, and their versions: more than one do not work together."""
    names = ((found.metadata["Name"] or "", found.version) for found in distributions())
    return {name: number for name, number in sorted(names) if name.lower().startswith("cupy")}


def measure() -> dict[str, Any]:
    """All that can be found out about the GPU, as JSON's types; ``problem`` says what stopped it."""
    found: dict[str, Any] = {"driver": driver(), "packages": cupy_packages()}
    try:
        cupy = importlib.import_module("cupy")
    except ImportError as error:
        return {**found, "problem": f"{type(error).__name__}: {error}"} if found["packages"] else found
    found["cupy"] = cupy.__version__
    try:
        found |= _device(cupy)
        found["rates"] = asdict(_rates(cupy))
    except Exception as error:  # CuPy has its own errors for every layer below it; all are the answer here
        found["problem"] = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    return found


def _device(cupy: Any) -> dict[str, Any]:
    runtime = cupy.cuda.runtime
    properties = runtime.getDeviceProperties(0)
    free, total = runtime.memGetInfo()
    return {
        "runtime": runtime.runtimeGetVersion(),
        "device": properties["name"].decode(),
        "capability": f"{properties['major']}.{properties['minor']}",
        "processors_count": properties["multiProcessorCount"],
        "devices_count": runtime.getDeviceCount(),
        "memory_bytes": total,
        "free_bytes": free,
    }


def _rates(cupy: Any) -> Rates:
    began = time.perf_counter()
    kernel = cupy.RawKernel(_TRY, "add_one")
    small = cupy.zeros(256)
    kernel((1,), (256,), (small, 256))
    cupy.cuda.Device().synchronize()
    compile_s = time.perf_counter() - began
    free, _ = cupy.cuda.runtime.memGetInfo()
    count = min(_COPIED_BYTES, free // 4) // 8
    source, target = cupy.zeros(count), cupy.zeros(count)
    copy_s = _device_s(cupy, lambda: cupy.copyto(target, source))
    host = cupy.asnumpy(source[: _CARRIED_BYTES // 8])
    carried = host.nbytes

    def launches() -> None:
        for _ in range(_LAUNCHES_COUNT):
            kernel((1,), (256,), (small, 256))

    return Rates(
        copy_bytes_per_s=2 * 8 * count / copy_s,
        to_device_bytes_per_s=carried / _wall_s(cupy, lambda: cupy.asarray(host)),
        to_host_bytes_per_s=carried / _wall_s(cupy, lambda: cupy.asnumpy(source[: host.size])),
        launch_s=_wall_s(cupy, launches) / _LAUNCHES_COUNT,
        scalar_read_s=_wall_s(cupy, lambda: float(small[0])),
        compile_s=compile_s,
    )


def _device_s(cupy: Any, work: Callable[[], object]) -> float:
    """Time on the device, the best of a few."""
    best = float("inf")
    for _ in range(6):
        first, last = cupy.cuda.Event(), cupy.cuda.Event()
        first.record()
        work()
        last.record()
        last.synchronize()
        best = min(best, float(cupy.cuda.get_elapsed_time(first, last)) / 1e3)
    return best


def _wall_s(cupy: Any, work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(5):
        cupy.cuda.Device().synchronize()
        began = time.perf_counter()
        work()
        cupy.cuda.Device().synchronize()
        best = min(best, time.perf_counter() - began)
    return best


def kept_file() -> Path:
    """Where this machine's rates are kept between sessions."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "pdeperf" / f"{platform.node()}.gpu.json"


def keep(rates: Mapping[str, float]) -> None:
    """Keep the rates for :func:`kept`."""
    with suppress(OSError):  # a home that cannot be written to: measured again next time
        kept_file().parent.mkdir(parents=True, exist_ok=True)
        kept_file().write_text(json.dumps(dict(rates)))


def kept() -> Rates | None:
    """The rates as last measured on this machine; None if they never were."""
    try:
        found = json.loads(kept_file().read_text())
        rates = Rates(**{each.name: float(found[each.name]) for each in fields(Rates)})
        return rates if min(found.values()) >= 0 and rates.copy_bytes_per_s else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_single() -> bool:
    """Did the user ask for single precision on the GPU? ``PDEPERF_PRECISION=float32`` says so."""
    return os.environ.get("PDEPERF_PRECISION") == "float32"


@contextmanager
def asked_for(precision: str) -> Iterator[None]:
    """While the user's wish holds."""
    before = os.environ.get("PDEPERF_PRECISION")
    os.environ["PDEPERF_PRECISION"] = precision
    try:
        yield
    finally:
        if before is None:
            del os.environ["PDEPERF_PRECISION"]
        else:
            os.environ["PDEPERF_PRECISION"] = before


def is_present() -> bool:
    """Is there a GPU to write for? ``PDEPERF_GPU=1`` says yes (for another machine), ``0`` says no."""
    said = os.environ.get("PDEPERF_GPU", "")
    return said != "0" if said else bool(driver().get("devices"))
