"""Why a timer that does not wait for the device shows too little."""

import ast
from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.transfers.on_device import OnDevice
from pdeperf.transfers.turns import device_of

from . import Detector, diagnosis


class UnsynchronisedTimer:
    """A timer is read while the device is still at work: the time that it shows is wrong.

    Why it is slow
    --------------
    It is not slow: it hides what is. CuPy's operations return when their kernels are launched, not when
    they are done. A clock that is read then shows the time of the launches.

    Slow
    ----
    ::

        start = time.perf_counter()
        for step in range(steps):
            u = u + dt * laplacian(u)
        print(time.perf_counter() - start)

    Faster
    ------
    ::

        start = time.perf_counter()
        for step in range(steps):
            u = u + dt * laplacian(u)
        cp.cuda.Device().synchronize()
        print(time.perf_counter() - start)

    When it is wrong
    ----------------
    Where the launches themselves are to be timed. A copy to the host, or a number read, waits too.

    References
    ----------
    CuPy user guide, "Performance best practices": benchmarking.
    """

    rule = "unsynchronised-timer"
    kind = Kind.TRANSFER

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires where the clock is read after work on the device without a wait between."""
        device = device_of(hotspot, project)
        if device is None:
            return
        module = device.module
        for block in _blocks(module.tree):
            for position, begin in enumerate(block):
                name = _started(device, begin)
                if not name:
                    continue
                end = next(
                    (at for at in range(position + 1, len(block)) if _is_read(device, block[at], name)), None
                )
                if end is None:
                    continue
                between = block[position + 1 : end]
                lines = range(begin.lineno, (block[end].end_lineno or block[end].lineno) + 1)
                touches = lines.start <= hotspot.where.last and hotspot.where.first < lines.stop
                work = sum(device.launches_with_calls(each) for each in between)
                last = max(
                    (at for at, each in enumerate(between) if device.launches_with_calls(each)), default=0
                )
                if not touches or not work or any(device.waits_with_calls(each) for each in between[last:]):
                    continue
                yield diagnosis(
                    self,
                    hotspot,
                    where=Span(file=module.file, first=block[end].lineno, last=block[end].lineno),
                    message=(
                        f"the clock started at line {begin.lineno} is read before the device is done: "
                        "the time is that of the launches; call cupy.cuda.Device().synchronize() first"
                    ),
                )


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _started(device: OnDevice, statement: ast.stmt) -> str:
    """The name that holds the clock's reading; empty if the statement takes none."""
    match statement:
        case ast.Assign(targets=[ast.Name() | ast.Attribute() as name], value=value) if device.is_clock(
            value
        ):
            return ast.unparse(name)
    return ""


def _is_read(device: OnDevice, statement: ast.stmt, name: str) -> bool:
    """Is the time since a reading computed here?"""
    if isinstance(statement, ast.For | ast.While | ast.If | ast.With | ast.FunctionDef):
        return False
    names = {ast.unparse(node) for node in ast.walk(statement) if isinstance(node, ast.Name | ast.Attribute)}
    clocks = any(device.is_clock(node) for node in ast.walk(statement))
    return clocks and (name in names or _started(device, statement) != "")


DETECTOR: Detector = UnsynchronisedTimer()
