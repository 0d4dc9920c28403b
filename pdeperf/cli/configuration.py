"""What ``[tool.pdeperf]`` in the nearest pyproject.toml says."""

import math
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from pdeperf.cli.script import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Defaults of the command line's options; an option given there wins.

    Attributes
    ----------
    timeout_s
        One run of the script may take this long.
    threshold
        Places below this share of the time are left alone.
    min_speedup
        A rewrite is kept only from this whole-script speedup on.
    max_slowdown
        ``validate`` fails beyond this ratio of new to old.
    interpreter
        The Python that runs the script; empty means the one that runs pdeperf.
    observe
        Names whose values must stay the same; empty means all that is found.
    first_run
        Keep only what is faster in its first run already, compilation counted.
    allow_opt_in
        Also try rewrites that rest on what cannot be checked.
    max_passes
        At most this many rounds of profile and rewrite.
    budget_s
        ``optimize`` begins nothing more after so long; 0 for a limit that follows the script's own time.
    tolerances
        Bounds by result, from the table ``[tool.pdeperf.tolerances]``: name, rtol, atol.
    conserve
        Expressions over the script's globals that must be kept.
    """

    timeout_s: float = 600.0
    threshold: float = 0.03
    min_speedup: float = 1.1
    max_slowdown: float = 1.2
    interpreter: str = ""
    observe: tuple[str, ...] = ()
    first_run: bool = False
    allow_opt_in: bool = False
    max_passes: int = 12
    budget_s: float = 0.0
    tolerances: tuple[tuple[str, float, float], ...] = ()
    conserve: tuple[str, ...] = ()


_BOUNDS = {
    "timeout_s": (0.0, math.inf, "above 0"),
    "threshold": (0.0, 1.0, "between 0 and 1"),
    "min_speedup": (0.0, math.inf, "above 0"),
    "max_slowdown": (0.0, math.inf, "above 0"),
    "max_passes": (0.0, math.inf, "1 or more"),
    "budget_s": (0.0, math.inf, "0 or more"),
}


_MAY_BE_ZERO = ("threshold", "budget_s")


def load(folder: Path) -> Configuration:
    """Read the nearest pyproject.toml, here or above.

    Raises
    ------
    InputError
        If it is not TOML, or an entry is unknown or of the wrong type.
    """
    for place in (folder, *folder.parents):
        path = place / "pyproject.toml"
        if path.is_file():
            return _read(path)
    return Configuration()


def _read(path: Path) -> Configuration:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot read it: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML: {error}") from error
    tool = table.get("tool", {})
    entries = tool.get("pdeperf", {}) if isinstance(tool, dict) else {}
    if not isinstance(entries, dict):
        raise InputError(f"{path}: tool.pdeperf must be a table")
    known = {field.name for field in fields(Configuration)}
    for name in entries:
        if name not in known:
            raise InputError(
                f"{path} [tool.pdeperf]: unknown entry {name!r}; known: {', '.join(sorted(known))}"
            )
    return Configuration(**{name: _checked(path, name, value) for name, value in entries.items()})  # type: ignore[arg-type]


def _checked(path: Path, name: str, value: object) -> object:
    if name == "tolerances":
        return _tolerances(path, value)
    default = getattr(Configuration(), name)
    wrong = InputError(f"{path} [tool.pdeperf]: {name} = {value!r} must be {_wanted(name, default)}")
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise wrong
        return value
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise wrong
        return tuple(value)
    if isinstance(default, str):
        if not isinstance(value, str):
            raise wrong
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong
    low, high, _ = _BOUNDS[name]
    if isinstance(default, int) and not isinstance(value, int):
        raise wrong
    if not (low <= value <= high) or (value == 0 and name not in _MAY_BE_ZERO) or value != value:
        raise wrong
    return value if isinstance(default, int) else float(value)


def _tolerances(path: Path, value: object) -> tuple[tuple[str, float, float], ...]:
    """Read ``u = {rtol = 1e-8, atol = 0.0}``, name by name."""
    wrong = InputError(
        f"{path} [tool.pdeperf]: tolerances = {value!r} must be a table, u = {{rtol = 1e-8, atol = 0.0}}"
    )
    if not isinstance(value, dict):
        raise wrong
    found = []
    for name, bounds in value.items():
        if not isinstance(bounds, dict) or not bounds or set(bounds) - {"rtol", "atol"}:
            raise wrong
        for bound in bounds.values():
            if isinstance(bound, bool) or not isinstance(bound, int | float) or not 0 <= bound < math.inf:
                raise wrong
        found.append((name, float(bounds.get("rtol", 0.0)), float(bounds.get("atol", 0.0))))
    return tuple(found)


def _wanted(name: str, default: object) -> str:
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, tuple):
        return "a list of strings"
    if isinstance(default, str):
        return "a string"
    kind = "a whole number" if isinstance(default, int) else "a number"
    return f"{kind}, {_BOUNDS[name][2]}"
