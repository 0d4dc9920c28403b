"""A baseline's folder: written in one piece, read back whole or refused with a reason.

::

    manifest.json        format number, workload, machine, noise, the name and digest of every other file
    sources/NAME         the program's files as they were
    results.npz          one run's results: arrays only, no objects; large arrays as summaries

Small enough to be committed: see :data:`WHOLE_BYTES` and :data:`MOST_BYTES`.
"""

import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import numpy as np

from pdeperf.guest.capture import reduce_array
from pdeperf.judge import Capture, Noise, Observable, Spread, unstable_names
from pdeperf.judge.values import function_of, loop_of
from pdeperf.model import Workload

FORMAT = 3
MANIFEST = "manifest.json"
RESULTS = "results.npz"
OWN_DIGEST = "manifest_sha256"
WHOLE_BYTES = 65_536
"""Larger arrays are kept as a summary of 83 numbers."""
MOST_BYTES = 4_000_000
"""What is over this in all, the states along the way are left out for."""


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
        The results of one run.
    unstable
        Results that differed between two runs of the original.
    noise
        How far rounding errors and the solver's own tolerance move each result; None if not measured.
    machine
        What it was made on: versions, processor.
    inputs
        Further argument lists that the script is to be tried with.
    """

    workload: Workload
    files: Mapping[str, str]
    captures: tuple[Capture, ...]
    unstable: tuple[str, ...] = ()
    noise: Noise | None = None
    machine: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[tuple[str, ...], ...] = ()


def save_baseline(
    folder: Path,
    workload: Workload,
    files: Mapping[str, str],
    captures: Sequence[Capture],
    *,
    noise: Noise | None = None,
    inputs: Sequence[Sequence[str]] = (),
) -> None:
    """Keep an original in a folder; what was there before is replaced at once or not at all.

    Parameters
    ----------
    captures
        Of identical runs; the first is kept, with the names of what differs in the others.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        for left in folder.parent.glob(f".{folder.name}-*"):
            shutil.rmtree(left, ignore_errors=True)  # of a run that was killed: the lock is ours
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
        try:
            fresh.chmod(0o755)
            _write(fresh, workload, files, captures, noise, inputs)
            _replace(fresh, folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time write baselines beside this one."""
    lock = os.open(folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write(
    fresh: Path,
    workload: Workload,
    files: Mapping[str, str],
    captures: Sequence[Capture],
    noise: Noise | None,
    inputs: Sequence[Sequence[str]],
) -> None:
    digests = {}
    for name, text in files.items():
        path = fresh / "sources" / inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        digests[f"sources/{name}"] = digest_of(path)
    first = captures[0]
    rows = _save_results(fresh / RESULTS, list(first.observables.values()))
    digests[RESULTS] = digest_of(fresh / RESULTS)
    kept = {row["name"] for row in rows}
    manifest = {
        "format": FORMAT,
        "script": workload.script,
        "argv": workload.argv,
        "environment": workload.environment,
        "observables": workload.observables,
        "timeout_s": workload.timeout_s,
        "tolerances": [asdict(one) for one in workload.tolerances],
        "conserved": workload.conserved,
        "inputs": [list(one) for one in inputs],
        "machine": dict(first.machine),
        "sources": list(files),
        "results": rows,
        "unstable": [name for name in unstable_names(captures) if name in kept],
        "calls": dict(first.calls),
        "loops": {name: [laps.entries_count, laps.turns_count] for name, laps in first.loops.items()},
        "noise": _noise_row(noise, kept),
        "sha256": digests,
    }
    manifest = json.loads(json.dumps(manifest))
    (fresh / MANIFEST).write_text(json.dumps({**manifest, OWN_DIGEST: own_digest(manifest)}, indent=1))


def own_digest(manifest: Mapping[str, Any]) -> str:
    """Digest of what a manifest says, whatever its spaces: an edit or a merge gone wrong shows."""
    said = json.dumps({name: value for name, value in manifest.items() if name != OWN_DIGEST}, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _replace(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
    elif not _exchanged(fresh, folder):
        # A file system without an exchange of names: a kill between the two leaves the old one aside.
        retired = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.old-"))
        folder.rename(retired / "old")
        try:
            fresh.rename(folder)
        except OSError:
            (retired / "old").rename(folder)
            raise
        finally:
            shutil.rmtree(retired, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change names, at one instant; False where the system cannot."""
    here, exchange = -100, 2
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _noise_row(noise: Noise | None, kept: set[str]) -> dict[str, Any] | None:
    if noise is None:
        return None

    def rows(spreads: Mapping[str, Spread]) -> dict[str, list[float]]:
        return {name: [one.l2, one.linf, one.relative] for name, one in spreads.items() if name in kept}

    return {"reached": noise.reached, "spreads": rows(noise.spreads), "slack": rows(noise.slack)}


def _save_results(path: Path, items: list[Observable]) -> list[dict[str, Any]]:
    items = [_small(item) for item in items]
    if sum(item.values.nbytes for item in items) > MOST_BYTES:
        items = [item for item in items if not (function_of(item.name) or loop_of(item.name)[0])]
    rows = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, item in enumerate(items):
            with archive.open(f"a{number}.npy", "w") as file:
                np.lib.format.write_array(file, item.values, allow_pickle=False)
            rows.append(
                {
                    "name": item.name,
                    "shape": item.shape,
                    "reduced": item.reduced,
                    "typed": item.typed,
                    "quantum": item.quantum,
                }
            )
    return rows


def _small(item: Observable) -> Observable:
    return summarised(item) if item.values.nbytes > WHOLE_BYTES else item


def summarised(item: Observable) -> Observable:
    """The observable as a large one is kept."""
    if item.reduced or item.values.dtype.kind not in "biufc":
        return item
    return Observable(
        name=item.name, values=reduce_array(item.values), shape=item.shape, reduced=True, typed=item.typed
    )


def inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise CorruptError(f"{name}: a name that leads out of the baseline; make the baseline again")
    return path


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
