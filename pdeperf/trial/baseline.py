"""The original, kept in a folder: its source and its results, for later versions to be held to.

Times are not kept to be compared with: on another day they say nothing. The source is, and runs again.

::

    manifest.json        format number, workload, the name and digest of every other file
    sources/NAME         the program's files as they were
    results-0.npz ...    one file a run: arrays only, no objects
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile

import numpy as np

from pdeperf.guest.scratch import Place
from pdeperf.judge import Capture, Comparison, Observable, compare
from pdeperf.model import Trial, Workload
from pdeperf.trial.original import Original, measure_original
from pdeperf.trial.run import Setting
from pdeperf.trial.trial import Effort, try_candidate

FORMAT = 1
MANIFEST = "manifest.json"


class BaselineError(Exception):
    """A baseline cannot be used: :class:`MissingError`, :class:`CorruptError`, :class:`IncompatibleError`."""


class MissingError(BaselineError):
    """There is no baseline in that folder."""


class CorruptError(BaselineError):
    """A file of the baseline is damaged, edited or gone."""


class IncompatibleError(BaselineError):
    """The baseline is whole, but this version or this machine cannot use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a baseline holds.

    Attributes
    ----------
    files
        The program's source, by name relative to the root.
    captures
        The results of its runs.
    """

    workload: Workload
    files: Mapping[str, str]
    captures: tuple[Capture, ...]


def save_baseline(
    folder: Path, workload: Workload, files: Mapping[str, str], captures: Sequence[Capture]
) -> None:
    """Keep an original in a folder; what was there before is replaced at once or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        digests = {}
        for name, text in files.items():
            path = fresh / "sources" / _inside(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            digests[f"sources/{name}"] = _digest(path)
        runs = []
        for number, capture in enumerate(captures):
            name = f"results-{number}.npz"
            runs.append({"file": name, **_save_capture(fresh / name, capture)})
            digests[name] = _digest(fresh / name)
        manifest = {
            "format": FORMAT,
            "script": workload.script,
            "argv": workload.argv,
            "environment": workload.environment,
            "observables": workload.observables,
            "timeout_s": workload.timeout_s,
            "sources": list(files),
            "runs": runs,
            "sha256": digests,
        }
        (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1))
        _replace(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _replace(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    retired = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    folder.rename(retired / "old")
    try:
        fresh.rename(folder)
    except OSError:
        (retired / "old").rename(folder)
        raise
    finally:
        shutil.rmtree(retired, ignore_errors=True)


def _save_capture(path: Path, capture: Capture) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    rows = []
    for number, item in enumerate(capture.observables.values()):
        arrays[f"a{number}"] = item.values
        rows.append({"name": item.name, "shape": item.shape, "reduced": item.reduced, "typed": item.typed})
    with path.open("wb") as file:
        np.savez(file, **arrays)
    return {"observables": rows, "calls": dict(capture.calls)}


def load_baseline(folder: Path) -> Baseline:
    """Read a baseline back, if every file is as it was written.

    Raises
    ------
    MissingError, CorruptError, IncompatibleError
        With the folder or file, what is wrong with it, and what to do.
    """
    manifest = _manifest(folder)
    try:
        for name, digest in manifest["sha256"].items():
            path = folder / _inside(name)
            if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
                raise CorruptError(f"{path}: leads out of the baseline; make the baseline again")
            if not path.is_file() or _digest(path) != digest:
                raise CorruptError(f"{path}: damaged, edited or gone; make the baseline again")
        files = {name: _source(folder, manifest, name) for name in manifest["sources"]}
        captures = tuple(_load_capture(folder, manifest, run) for run in manifest["runs"])
        workload = Workload(
            script=str(manifest["script"]),
            argv=tuple(map(str, manifest["argv"])),
            environment=tuple((str(name), str(value)) for name, value in manifest["environment"]),
            observables=tuple(map(str, manifest["observables"])),
            timeout_s=float(manifest["timeout_s"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OSError, EOFError, BadZipFile) as error:
        reason = f"{type(error).__name__}: {error}"
        raise CorruptError(
            f"{folder / MANIFEST}: not as written ({reason}); make the baseline again"
        ) from error
    return Baseline(workload=workload, files=files, captures=captures)


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise MissingError(f"{folder}: no baseline there; make one with 'pdeperf baseline SCRIPT'")
    try:
        manifest = json.loads(path.read_text())
    except (ValueError, OSError) as error:
        raise CorruptError(f"{path}: not readable ({error}); make the baseline again") from error
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise CorruptError(f"{path}: not a baseline's manifest; make the baseline again")
    if manifest["format"] != FORMAT:
        raise IncompatibleError(
            f"{path}: format {manifest['format']}, this version reads {FORMAT}; make the baseline again"
        )
    return manifest


def _source(folder: Path, manifest: dict[str, Any], name: str) -> str:
    stored = f"sources/{name}"
    if stored not in manifest["sha256"]:
        raise CorruptError(f"{folder / stored}: has no digest in the manifest; make the baseline again")
    return (folder / _inside(stored)).read_bytes().decode()


def _load_capture(folder: Path, manifest: dict[str, Any], run: dict[str, Any]) -> Capture:
    name = run["file"]
    if name not in manifest["sha256"]:
        raise CorruptError(f"{folder / name}: has no digest in the manifest; make the baseline again")
    observables = {}
    with np.load(folder / _inside(name), allow_pickle=False) as arrays:
        for number, row in enumerate(run["observables"]):
            observables[row["name"]] = Observable(
                name=row["name"],
                values=arrays[f"a{number}"],
                shape=tuple(row["shape"]),
                reduced=bool(row["reduced"]),
                typed=bool(row["typed"]),
            )
    return Capture(observables=observables, calls=dict(run["calls"]))


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise CorruptError(f"{name}: a name that leads out of the baseline; make the baseline again")
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rerun(baseline: Baseline, place: Place, setting: Setting) -> Original:
    """Run the baseline's source on this machine, as it is now.

    Raises
    ------
    IncompatibleError
        If it does not run here any more.
    """
    original = measure_original(baseline.workload, place, baseline.files, setting)
    if original.failure:
        raise IncompatibleError(f"the baseline's own script does not run here: {original.failure}")
    return original


def drift(baseline: Baseline, original: Original) -> Comparison:
    """Does the baseline's source still give the results that were stored with it?

    Where it does not, the machine, the libraries or the input files have changed.
    """
    return compare(baseline.captures, original.captures[0], noise=original.noise())


def validate(
    baseline: Baseline,
    after: Mapping[str, str],
    place: Place,
    original: Original,
    *,
    effort: Effort | None = None,
) -> Trial:
    """Hold a new version to a baseline, side by side on this machine.

    Parameters
    ----------
    after
        The program's files as they now are.
    original
        From :func:`rerun`.
    """
    return try_candidate(baseline.workload, place, baseline.files, after, original, effort=effort)
