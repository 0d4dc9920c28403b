"""Finds each shelf's plugins, and those that other packages bring by entry point."""

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from types import ModuleType

from pdeperf.backends import Backend
from pdeperf.detectors import Detector
from pdeperf.renderers import Renderer


def _modules(shelf: str) -> Iterator[ModuleType]:
    package = importlib.import_module(f"pdeperf.{shelf}")
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if not found.name.startswith("_"):
            yield importlib.import_module(f"pdeperf.{shelf}.{found.name}")
    for entry in entry_points(group=f"pdeperf.{shelf}"):
        yield importlib.import_module(entry.module)


def detectors() -> tuple[Detector, ...]:
    """Every detector, by rule name."""
    return tuple(module.DETECTOR for module in _modules("detectors") if hasattr(module, "DETECTOR"))


def backends() -> tuple[Backend, ...]:
    """Every backend, by name."""
    return tuple(module.BACKEND for module in _modules("backends") if hasattr(module, "BACKEND"))


def renderers() -> tuple[Renderer, ...]:
    """Every renderer, by name."""
    return tuple(module.RENDERER for module in _modules("renderers") if hasattr(module, "RENDERER"))
