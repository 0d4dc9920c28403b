"""How a program is written that runs by ``python -m package.script``: its package, and what runs it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pdeperf.cli.script import InputError, text_at
from pdeperf.cli.target import Target
from pdeperf.guest.scratch import SKIPPED
from pdeperf.model import Report

_PLACE_COUNTS = ("__file__", "importlib.resources", "pkgutil.get_data")
_RUNNER = '''"""Runs {name} as optimised: its package is in {folder}."""

from runpy import run_module
from sys import path as _path

if __name__ == "__main__":
    _path.insert(0, {base} + "_modules")
    run_module("{name}", run_name="__main__", alter_sys=True)
'''


def copied(
    report: Report,
    sources: Mapping[str, str],
    target: Target,
    root: Path,
    script: str,
    home: Path,
    name: str,
) -> dict[Path, tuple[str, str]]:
    """Path to text and origin of each file to write, the script that runs the package last.

    Parameters
    ----------
    home, name
        The folder that the package lies in, and the script's dotted name.

    Raises
    ------
    InputError
        If a copy of the package would not do what the package does.
    """
    package = home / name.partition(".")[0]
    texts: dict[Path, tuple[str, str]] = {}
    others = (root / source.file for source in report.sources)
    for path in dict.fromkeys((*_modules(package, target), *others)):
        file = Path(os.path.relpath(path, root)).as_posix()
        if not path.is_relative_to(home):
            raise InputError(f"{file} lies outside {home.name}: use `pdeperf apply --in-place`")
        text = sources[file] if file in sources else text_at(path)
        if any(word in text for word in _PLACE_COUNTS):
            raise InputError(
                f"{file} looks for files beside itself, which a copy has not: use `pdeperf apply --in-place`"
            )
        texts[target.modules / path.relative_to(home)] = (text, file)
    base = '__file__.removesuffix(".py")' if target.out.name.endswith(".py") else "__file__"
    texts[target.out] = (_RUNNER.format(name=name, folder=target.modules.name, base=base), script)
    return texts


def _modules(package: Path, target: Target) -> Iterator[Path]:
    """Every module of the package, but what was written there for an earlier result."""
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package).parts
        if SKIPPED.isdisjoint(inside) and path != target.out and not path.is_relative_to(target.modules):
            yield path
