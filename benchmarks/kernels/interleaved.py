"""Time several versions of one kernel in one process, in turns, and compare what they compute.

Usage: ``python interleaved.py FUNCTION RUNS ORIGINAL HAND [AUTOMATIC]``; prints JSON. A version that
is missing is given as ``-``.
"""

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from types import ModuleType

import numpy as np
from numba import get_num_threads, njit, prange


def load(path: Path, name: str) -> ModuleType:
    """The file as a module that is not the main program."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def arrays(value: object) -> Iterator[np.ndarray]:
    """The arrays and numbers in arguments and return values, in order."""
    if isinstance(value, tuple | list):
        for part in value:
            yield from arrays(part)
    elif value is not None:
        yield np.asarray(value)


def distance(one: object, other: object) -> float:
    """0 if equal to the bit, else the largest difference over the largest magnitude; inf: other shapes."""
    ones, others = list(arrays(one)), list(arrays(other))
    if [(a.shape, a.dtype) for a in ones] != [(a.shape, a.dtype) for a in others]:
        return float("inf")
    found = 0.0
    for a, b in zip(ones, others, strict=True):
        if a.tobytes() == b.tobytes():
            continue
        scale = float(np.max(np.abs(a))) or 1.0
        found = max(found, float(np.max(np.abs(a - b))) / scale, 1e-300)
    return found


@njit(parallel=True)
def triad(a: np.ndarray, b: np.ndarray, c: np.ndarray, blocks: int) -> None:
    edges = a.size * np.arange(blocks + 1) // blocks
    for k in prange(blocks):
        out, one, other = (
            a[edges[k] : edges[k + 1]],
            b[edges[k] : edges[k + 1]],
            c[edges[k] : edges[k + 1]],
        )
        for i in range(out.size):
            out[i] = one[i] + 3.0 * other[i]


def bandwidth(working_set_bytes: int) -> float:
    """Bytes per second of a triad over as many bytes as the problem holds, by one thread or all."""
    size = max(1000, working_set_bytes // 24)
    a, b, c = (np.ones(size) for _ in range(3))
    repeat_count = max(1, 4_000_000 // size)
    best = 0.0
    for blocks in {1, get_num_threads()}:
        triad(a, b, c, blocks)
        for _ in range(15):
            started = time.perf_counter()
            for _ in range(repeat_count):
                triad(a, b, c, blocks)
            best = max(best, 24 * size * repeat_count / (time.perf_counter() - started))
    return best


def call(kernel: Callable[..., object], arguments: tuple) -> tuple[float, object]:
    """Seconds of a call, and the arguments after it with what it returned."""
    fresh = deepcopy(arguments)
    started = time.perf_counter()
    returned = kernel(*fresh)
    return time.perf_counter() - started, (fresh, returned)


def main() -> None:
    function, runs_count, original, hand, *automatic = sys.argv[1:]
    paths = {"numpy": original, "hand": hand, "automatic": automatic[0] if automatic else "-"}
    modules = {name: load(Path(path), f"version_{name}") for name, path in paths.items() if path != "-"}
    arguments = modules["numpy"].initialise()
    working_set_bytes = sum(a.nbytes for a in arrays(arguments))
    rate = bandwidth(working_set_bytes)  # Numba starts here, not in the first kernel's compile time
    kernels = {name: getattr(module, function) for name, module in modules.items()}
    result: dict[str, dict[str, float]] = {}
    for name, kernel in kernels.items():
        first_s, state = call(kernel, arguments)
        if name == "numpy":
            expected = state
        result[name] = {"first_s": first_s, "distance": distance(expected, state)}
    times: dict[str, list[float]] = {name: [] for name in kernels}
    for _ in range(int(runs_count)):
        for name, kernel in kernels.items():
            # A fast kernel is repeated, so that its turn is not one lucky moment.
            for _ in range(1 if name == "numpy" else 3):
                times[name].append(call(kernel, arguments)[0])
    for name, seconds in times.items():
        result[name] |= {"median_s": float(np.median(seconds)), "best_s": min(seconds)}
    if hand != "-" and hasattr(modules["hand"], "least_bytes"):
        moved = modules["hand"].least_bytes(expected[1], *arguments)
        result["floor"] = {"median_s": moved / rate, "best_s": moved / rate}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
