"""What this machine and the user's interpreter can do, what is missing, and what mends it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pdeperf.collectors import machine
from pdeperf.guest.launch import importable, launch, pinned_environment
from pdeperf.guest.scratch import temporary_folder
from pdeperf.pipeline.settings import PipelineError

LIMIT_S = 180.0
_CUDA_12, _CUDA_13 = 12000, 13000
_EXTRAS = {"gpu": "cupy-cuda12x", "gpu-cuda13": "cupy-cuda13x"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is not as it should be, and the line that mends it (empty where there is none)."""

    matter: str
    mend: str = ""
    is_fault: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What was found, as :mod:`pdeperf.collectors.machine` reports it, and what follows from it."""

    found: Mapping[str, Any]
    advice: tuple[Advice, ...]


def checkup(interpreter: str) -> Checkup:
    """Measure this machine through the user's interpreter.

    Raises
    ------
    PipelineError
        If that interpreter cannot even tell.
    """
    with importable() as path, temporary_folder("pdeperf-doctor-") as folder:
        told = folder / "machine.json"
        finished = launch(
            [interpreter, "-m", machine.__name__, str(told)],
            cwd=folder,
            environment=pinned_environment(path, cache_dir=folder / "numba"),
            timeout_s=LIMIT_S,
        )
        try:
            found = json.loads(told.read_text())
        except (OSError, ValueError) as error:
            lines = finished.stderr.strip().splitlines() or [f"no answer within {LIMIT_S:.0f} s"]
            raise PipelineError(f"{interpreter}: {lines[-1]}: is it a Python of 3.11 or later?") from error
    return Checkup(found=found, advice=tuple(advice(found)))


def advice(found: Mapping[str, Any]) -> Iterator[Advice]:
    """What follows from what was found."""
    yield from _packages(found)
    yield from _threads(found)
    yield from _gpu(found["gpu"])


def _packages(found: Mapping[str, Any]) -> Iterator[Advice]:
    versions = found["versions"]
    for name in ("numpy", "scipy", "numba"):
        if name not in versions:
            yield Advice(matter=f"{name} is not installed there", mend=f"pip install {name}")
    if problem := found["numba"].get("problem"):
        yield Advice(matter=f"Numba does not work: {problem}", mend="pip install --upgrade numba llvmlite")


def _threads(found: Mapping[str, Any]) -> Iterator[Advice]:
    threads = found["threads_count"]
    if found["numba"].get("layer") == "workqueue" and threads > 1:
        yield Advice(
            matter="Numba's threading layer is workqueue, which must not be entered from two threads at once",
            mend="pip install tbb",
            is_fault=False,
        )
    blas = found["blas"].get("threads_count") or 0
    if blas > threads:
        yield Advice(
            matter=f"BLAS starts {blas} threads on {threads} processors",
            mend=f"export OPENBLAS_NUM_THREADS={threads} MKL_NUM_THREADS={threads}",
        )


def _gpu(gpu: Mapping[str, Any]) -> Iterator[Advice]:
    driver = gpu["driver"]
    if not driver.get("devices"):
        if driver:
            yield Advice(matter="there is a CUDA driver, but it finds no GPU", is_fault=False)
        elif gpu["packages"]:
            yield Advice(matter="CuPy is installed, but there is no CUDA driver", is_fault=False)
        return
    extra = _extra(driver["cuda"])
    if not extra:
        yield Advice(matter=f"the driver is made for CUDA {_version(driver['cuda'])}: CuPy needs 12 or later")
        return
    line = f"pip install 'pdeperf[{extra}]'"
    packages = gpu["packages"]
    if not packages:
        yield Advice(matter="CuPy is not installed: nothing can run on the GPU", mend=line)
    elif len(packages) > 1:
        names = " ".join(packages)
        yield Advice(
            matter=f"several CuPy packages get in each other's way: {', '.join(packages)}",
            mend=f"pip uninstall -y {names} && {line}",
        )
    elif "problem" in gpu:
        package = next(iter(packages))
        if package.startswith("cupy-cuda") and package != _EXTRAS[extra] and _is_too_new(package, extra):
            yield Advice(
                matter=f"{package} is too new for a driver of CUDA {_version(driver['cuda'])}",
                mend=f"pip uninstall -y {package} && {line}",
            )
        elif "nvrtc" in gpu["problem"].lower() or "cuda_path" in gpu["problem"].lower():
            yield Advice(
                matter=f"CuPy cannot compile: {gpu['problem']}", mend=f"pip install '{package}[ctk]'"
            )
        else:
            yield Advice(matter=f"CuPy does not work: {gpu['problem']}", mend=f"pip install -U {package}")


def _extra(cuda: int) -> str:
    """The extra whose CuPy suits a driver."""
    return "gpu-cuda13" if cuda >= _CUDA_13 else "gpu" if cuda >= _CUDA_12 else ""


def _is_too_new(package: str, extra: str) -> bool:
    return package > _EXTRAS[extra]


def _version(cuda: int) -> str:
    return f"{cuda // 1000}.{cuda % 1000 // 10}"


def rows(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was found in words: a label and a value each."""
    rates = found["rates"]
    yield "Python", f"{found['python']} ({found['interpreter']})"
    yield "system", found["platform"]
    yield "processor", f"{found['cpu']}: {found['cores_count']} cores, {found['threads_count']} threads"
    if rates:
        one, every = rates.get("memory_bandwidth_bytes_per_s", 0), rates.get("all_threads_bytes_per_s", 0)
        yield (
            "memory",
            f"{found['memory_bytes'] / 2**30:.0f} GiB, {one / 1e9:.1f} GB/s with one thread, "
            f"{every / 1e9:.1f} GB/s with all",
        )
    yield "packages", ", ".join(f"{name} {number}" for name, number in found["versions"].items()) or "none"
    if blas := found["blas"]:
        threads = f", {blas['threads_count']} threads" if "threads_count" in blas else ""
        yield "BLAS", f"{blas['name']} {blas['version']}{threads}"
    if layer := found["numba"].get("layer"):
        yield "Numba", f"threading layer {layer}, {found['numba']['threads_count']} threads"
    yield from found["variables"].items()
    yield from _gpu_rows(found["gpu"])


def _gpu_rows(gpu: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    driver = gpu["driver"]
    if not driver.get("devices"):
        yield "GPU", "none"
        return
    yield "GPU", ", ".join(driver["devices"])
    yield "driver", f"CUDA {_version(driver['cuda'])}"
    yield "CuPy", " ".join(f"{name} {number}" for name, number in gpu["packages"].items()) or "not installed"
    if "device" in gpu:
        yield "CUDA runtime", _version(gpu["runtime"])
        yield (
            "device memory",
            f"{gpu['memory_bytes'] / 2**30:.0f} GiB, {gpu['free_bytes'] / 2**30:.0f} GiB free",
        )
    if rates := gpu.get("rates"):
        yield "device copy", f"{rates['copy_bytes_per_s'] / 1e9:.0f} GB/s"
        yield (
            "transfers",
            f"{rates['to_device_bytes_per_s'] / 1e9:.1f} GB/s to the device, "
            f"{rates['to_host_bytes_per_s'] / 1e9:.1f} GB/s back",
        )
        yield (
            "latencies",
            f"{rates['launch_s'] * 1e6:.1f} us a kernel, "
            f"{rates['scalar_read_s'] * 1e6:.0f} us a number read back, "
            f"{rates['compile_s']:.2f} s a first compilation",
        )
