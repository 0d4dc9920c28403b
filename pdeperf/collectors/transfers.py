"""What goes between host and device, line by line: copies and their bytes, numbers read, waits, launches.

CuPy's own functions and the methods of its arrays are wrapped in the user's process; his files are not
touched. Operators and functions of CuPy count as one launch each, which is the least that they take.
"""

import functools
import importlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.guest.running_line import RunningLine
from pdeperf.guest.script import Transform
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

_RECORDED = "transfers.json"
_BETWEEN_WAITS = 100
"""Launches after which the collector waits for the device."""
_LAUNCH_BYTES = 1e6
"""A launch takes as long as the device takes for so many bytes."""
_MAKERS = ("asarray", "array", "ascontiguousarray", "asfortranarray")
_NUMBERS = ("item", "tolist", "__float__", "__int__", "__bool__", "__complex__", "__index__")
_SHOWN = ("__str__", "__repr__", "__format__")
_OPERATORS = tuple(
    f"__{name}__"
    for name in (
        "add radd sub rsub mul rmul truediv rtruediv floordiv mod pow rpow neg abs lt le gt ge eq ne and or "
        "xor invert iadd isub imul itruediv ipow matmul"
    ).split()
)
_METHODS = ("sum", "max", "min", "mean", "std", "var", "prod", "copy", "astype", "dot", "fill", "any", "all")
_FUNCTIONS = (
    "add subtract multiply divide power sqrt exp log sin cos tan sinh cosh tanh abs absolute square maximum "
    "minimum where clip roll sum max min mean std var prod dot matmul einsum gradient diff cumsum "
    "concatenate stack zeros ones full zeros_like ones_like full_like copyto"
).split()

_TRANSFORMS = "fft ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn fftshift ifftshift".split()


class _Transfers:
    """Stands between the user's code and CuPy."""

    def __init__(self, job: Job) -> None:
        self._folder = Path(job.folder)
        self._lines: defaultdict[tuple[str, int], defaultdict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )
        self._place = RunningLine(Path(job.root))
        self._since: defaultdict[tuple[str, int], float] = defaultdict(float)
        self._launches = 0
        self._wait: Callable[[], object] = lambda: None
        self._busy = False
        self._array: type = type(None)

    @property
    def transform(self) -> Transform | None:
        return None

    def start(self) -> None:
        try:
            cupy = importlib.import_module("cupy")
        except ImportError:
            return  # there is nothing to watch
        self._array = cupy.ndarray
        self._wait = cupy.cuda.Device().synchronize
        for name in (name for name in _MAKERS if hasattr(cupy, name)):
            setattr(cupy, name, self._maker(getattr(cupy, name)))
        cupy.ndarray.get = self._copied(cupy.ndarray.get, "to_host")
        for name in _SHOWN:
            setattr(cupy.ndarray, name, self._shown(getattr(cupy.ndarray, name)))
        cupy.ndarray.set = self._copied(cupy.ndarray.set, "to_device")
        for name in _NUMBERS:
            if hasattr(cupy.ndarray, name):
                setattr(cupy.ndarray, name, self._number(getattr(cupy.ndarray, name)))
        cupy.ndarray.__setitem__ = self._stored(cupy.ndarray.__setitem__)
        for name in (*_OPERATORS, *_METHODS):
            if hasattr(cupy.ndarray, name):
                setattr(cupy.ndarray, name, self._launching(getattr(cupy.ndarray, name)))
        homes: list[tuple[Any, list[str]]] = [(cupy, _FUNCTIONS), (getattr(cupy, "fft", None), _TRANSFORMS)]
        for home, functions in homes:
            for name in functions:
                if hasattr(home, name):
                    setattr(home, name, _Counted(getattr(home, name), self._launching(getattr(home, name))))

    def _maker(self, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            source = arguments[0] if arguments else options.get("a", options.get("obj"))
            if self._busy or isinstance(source, self._array) or (place := self._place()) is None:
                return real(*arguments, **options)
            return self._timed(place, "to_device", real, arguments, options)

        return call

    def _copied(self, real: Callable[..., Any], way: str) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            if self._busy or (place := self._place()) is None:
                return real(*arguments, **options)
            is_number = way == "to_host" and arguments[0].size <= 1
            return self._timed(place, "scalar_read" if is_number else way, real, arguments, options)

        return call

    def _shown(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """``print(u.sum())`` brings the array to the host."""

        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            if self._busy or (place := self._place()) is None:
                return real(*arguments, **options)
            way = "scalar_read" if arguments[0].size <= 1 else "to_host"
            return self._timed(place, way, real, arguments, options)

        return call

    def _stored(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """``u[:] = v`` is a copy to the device where ``v`` is the host's."""
        launching = self._launching(real)

        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            held = arguments[-1]
            is_copied = hasattr(held, "__array_interface__") and bool(getattr(held, "ndim", 0))
            if not is_copied or isinstance(arguments[-1], self._array):
                return launching(*arguments, **options)
            if self._busy or (place := self._place()) is None:
                return real(*arguments, **options)
            return self._timed(place, "to_device", real, arguments, options, arguments[-1])

        return call

    def _timed(
        self,
        place: tuple[str, int],
        way: str,
        real: Callable[..., Any],
        arguments: Any,
        options: Any,
        moved: Any = None,
    ) -> Any:
        self._busy = True
        began = time.perf_counter()
        try:
            found = real(*arguments, **options)
        finally:
            self._busy = False
        seen = self._lines[place]
        made = found if way == "to_device" and found is not None else arguments[0]
        held = made if moved is None else moved
        seen[f"{way}_count"] += 1
        seen[f"{way}_bytes"] += getattr(held, "nbytes", 0)
        took_s = time.perf_counter() - began
        seen["transfer_time_s"] += took_s
        if way != "to_device":
            self._share_out(took_s)
        return found

    def _number(self, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            if self._busy or (place := self._place()) is None:
                return real(*arguments, **options)
            return self._timed(place, "scalar_read", real, arguments, options)

        return call

    def _launching(self, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            if self._busy or (place := self._place()) is None:
                return real(*arguments, **options)
            self._busy = True
            began = time.perf_counter()
            try:
                found = real(*arguments, **options)
            finally:
                self._busy = False
            seen = self._lines[place]
            seen["launches_count"] += 1
            seen["launch_time_s"] += time.perf_counter() - began
            seen["launched_bytes"] += getattr(found, "nbytes", 0)
            self._since[place] += _LAUNCH_BYTES + getattr(found, "nbytes", 0)
            self._launches += 1
            if self._launches % _BETWEEN_WAITS == 0:
                self._wait_for_device()
            return found

        return call

    def _share_out(self, waited_s: float) -> None:
        """The lines that launched something since the last wait are what the host waits for."""
        total = sum(self._since.values())
        for place, part in self._since.items():
            self._lines[place]["device_time_s"] += waited_s * part / total
        self._since.clear()

    def _wait_for_device(self) -> None:
        """See how far behind the device is: the user's own waits are CuPy's C code, and not seen."""
        began = time.perf_counter()
        self._wait()
        self._share_out(time.perf_counter() - began)

    def stop(self) -> None:
        self._wait_for_device()
        rows = [
            (file, line, metric, value)
            for (file, line), seen in list(self._lines.items())
            for metric, value in seen.items()
        ]
        (self._folder / _RECORDED).write_text(json.dumps(rows))


class _Counted:
    """A function of CuPy's that is counted when it is called; all else of it is as it was."""

    def __init__(self, real: Any, call: Callable[..., Any]) -> None:
        self._real, self._call = real, call

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._call(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Collector:
    name = "transfers"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return _Transfers(job)

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        for file, line, metric, value in json.loads((folder / _RECORDED).read_text()):
            where = Span(file=file, first=line, last=line)
            yield Measurement(where=where, metric=metric, value=value, collector=self.name)


COLLECTOR: Collector = _Collector()
