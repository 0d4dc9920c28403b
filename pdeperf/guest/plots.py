"""What the script plots: the data handed to Matplotlib's axes, and what open figures show at the end."""

import functools
import os
import sys
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any

from pdeperf.guest.windows import when_imported

DRAWING = (
    "plot", "semilogy", "semilogx", "loglog", "scatter", "fill_between", "bar", "step", "errorbar", "stem",
    "imshow", "matshow", "pcolor", "pcolormesh", "contour", "contourf", "quiver", "streamplot", "tricontourf",
    "tricontour", "tripcolor", "hist",
)  # fmt: skip
DRAWING_3D = (
    "plot", "plot3D", "plot_surface", "plot_wireframe", "plot_trisurf", "contour", "contourf",
    "scatter", "quiver",
)  # fmt: skip
CHANGING = {
    "matplotlib.lines": ("Line2D", ("set_data", "set_ydata")),
    "matplotlib.image": ("_ImageBase", ("set_data",)),
    "matplotlib.collections": ("QuadMesh", ("set_array",)),
}
"""Methods that give what is drawn already other numbers; Matplotlib calls them itself as well."""
Show = Callable[[str, object], None]


class Plots:
    """Watches the drawing methods; hands the data of calls 1, 2, 4, 8, ... and of the last one on."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._calls: dict[str, int] = {}
        self._last: dict[str, list[object]] = {}
        self._inside = False
        self._process = os.getpid()

    def install(self) -> None:
        """Watch the axes that the script will import."""
        when_imported(
            {
                "matplotlib.axes": lambda module: self._watch(module, "Axes", DRAWING),
                "mpl_toolkits.mplot3d.axes3d": lambda module: self._watch(module, "Axes3D", DRAWING_3D),
                **{
                    name: functools.partial(self._watch, kind=kind, methods=methods)
                    for name, (kind, methods) in CHANGING.items()
                },
            }
        )

    def finish(self) -> None:
        """Hand on the last calls, and what the figures that are still open show."""
        if os.getpid() != self._process:
            return
        for method, arrays in self._last.items():
            for position, array in enumerate(arrays):
                self._show(f"plot.{method}[last][{position}]", array)
        for name, array in _artists():
            self._show(name, array)

    def _watch(self, module: ModuleType, kind: str, methods: tuple[str, ...]) -> None:
        axes = getattr(module, kind, None)
        for method in methods:
            if method in vars(axes) or hasattr(axes, method):
                setattr(axes, method, self._watched(method, getattr(axes, method)))

    def _watched(self, method: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def draw(*arguments: Any, **options: Any) -> Any:
            is_own = method.startswith("set_") and _is_own(sys._getframe(1))
            if not self._inside and os.getpid() == self._process and not is_own:
                self._keep(method, arguments[1:])
            outermost, self._inside = not self._inside, True
            try:
                return real(*arguments, **options)
            finally:
                self._inside = not outermost

        return draw

    def _keep(self, method: str, arguments: tuple[object, ...]) -> None:
        arrays = [array for argument in arguments if (array := _numbers(argument)) is not None]
        call = self._calls[method] = self._calls.get(method, 0) + 1
        self._last[method] = arrays
        if call & (call - 1) == 0:
            for position, array in enumerate(arrays):
                self._show(f"plot.{method}[{call}][{position}]", array)


def _is_own(frame: FrameType) -> bool:
    """Does Matplotlib call itself here?"""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in ("matplotlib", "mpl_toolkits")


def _numbers(argument: object) -> object:
    """Copy the numbers of one argument; None if it holds none."""
    if argument is None or isinstance(argument, str | bool | dict):
        return None
    import numpy as np

    try:
        array = np.array(argument)
    except (ValueError, TypeError):
        return None
    return array if array.dtype.kind in "biufc" and array.size > 1 else None


def _artists() -> Iterator[tuple[str, object]]:
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not hasattr(pyplot, "get_fignums"):
        return
    for number in pyplot.get_fignums():
        for place, axes in enumerate(pyplot.figure(number).axes):
            name = f"figure[{number}][{place}]"
            for index, line in enumerate(axes.get_lines()):
                if (array := _numbers(line.get_ydata())) is not None:
                    yield f"{name}.line[{index}]", array
            for index, image in enumerate([*axes.get_images(), *axes.collections]):
                if (array := _numbers(image.get_array())) is not None:
                    yield f"{name}.image[{index}]", array
