"""A kept baseline read back: each file as it was written, or a line that says which is not."""

import json
import math
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile

import numpy as np

from pdeperf.judge import Capture, Laps, Noise, Observable, Spread
from pdeperf.model import Tolerance, Workload
from pdeperf.trial.keeping import (
    FORMAT,
    MANIFEST,
    OWN_DIGEST,
    RESULTS,
    Baseline,
    CorruptError,
    IncompatibleError,
    MissingError,
    digest_of,
    inside,
    own_digest,
)

MOST_READ_BYTES = 256_000_000
MOST_MANIFEST_BYTES = 64_000_000
_FORBIDDEN = ("LD_", "DYLD_", "PYTHON")
_UNREADABLE = (
    KeyError, TypeError, ValueError, AttributeError, OSError, EOFError, RuntimeError, ArithmeticError,
    MemoryError, BadZipFile, zlib.error, struct.error,
)  # fmt: skip
"""What reading a file may raise that does not hold what it should."""


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
            path = folder / inside(name)
            if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
                raise CorruptError(f"{path}: leads out of the baseline; make the baseline again")
            if not path.is_file() or digest_of(path) != digest:
                raise CorruptError(f"{path}: damaged, edited or gone; make the baseline again")
        return Baseline(
            workload=_workload(manifest),
            files={name: _source(folder, manifest, name) for name in manifest["sources"]},
            captures=(_load_capture(folder, manifest),),
            unstable=tuple(map(str, manifest["unstable"])),
            noise=_noise(manifest["noise"]),
            machine={str(name): str(value) for name, value in manifest["machine"].items()},
            inputs=tuple(map(_words, manifest["inputs"])),
        )
    except _UNREADABLE as error:
        reason = f"{type(error).__name__}: {error}"
        raise CorruptError(
            f"{folder / MANIFEST}: not as written ({reason}); make the baseline again"
        ) from error


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise MissingError(f"{folder}: no baseline there; make one with 'pdeperf baseline SCRIPT'")
    try:
        if path.stat().st_size > MOST_MANIFEST_BYTES:
            raise CorruptError(f"{path}: too large for a manifest; make the baseline again")
        manifest = json.loads(path.read_text())
    except (ValueError, OSError, RecursionError) as error:
        raise CorruptError(f"{path}: not readable ({error}); make the baseline again") from error
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise CorruptError(f"{path}: not a baseline's manifest; make the baseline again")
    if manifest["format"] != FORMAT:
        raise IncompatibleError(
            f"{path}: format {manifest['format']}, this version reads {FORMAT}; make the baseline again"
        )
    try:
        is_whole = manifest.get(OWN_DIGEST) == own_digest(manifest)
    except RecursionError:
        is_whole = False
    if not is_whole:
        raise CorruptError(f"{path}: damaged or edited; make the baseline again")
    return manifest


def _workload(manifest: dict[str, Any]) -> Workload:
    environment = tuple((str(name), str(value)) for name, value in manifest["environment"])
    for name, _ in environment:
        if name.startswith(_FORBIDDEN) or name == "PATH":
            raise CorruptError(f"{MANIFEST}: sets {name}, which no baseline may; make the baseline again")
    script = str(manifest["script"])
    if not any(PurePosixPath(script).name == PurePosixPath(str(one)).name for one in manifest["sources"]):
        raise CorruptError(f"{MANIFEST}: its script is none of its sources; make the baseline again")
    return Workload(
        script=script,
        argv=_words(manifest["argv"]),
        environment=environment,
        observables=_words(manifest["observables"]),
        timeout_s=_number(manifest["timeout_s"], least=1e-9),
        tolerances=tuple(
            Tolerance(observable=str(one["observable"]), rtol=_number(one["rtol"]), atol=_number(one["atol"]))
            for one in manifest["tolerances"]
        ),
        conserved=_words(manifest["conserved"]),
    )


def _words(found: object) -> tuple[str, ...]:
    """A list of strings that a command line can take."""
    if not isinstance(found, list) or any(not isinstance(one, str) or "\0" in one for one in found):
        raise ValueError(f"{found!r} is no list of words")
    return tuple(found)


def _number(found: object, *, least: float = 0.0) -> float:
    number = float(found) if isinstance(found, int | float) else math.nan
    if not least <= number < math.inf:
        raise ValueError(f"{found!r} is no such number")
    return number


def _noise(row: dict[str, Any] | None) -> Noise | None:
    if row is None:
        return None

    def spreads(rows: dict[str, list[float]]) -> dict[str, Spread]:
        return {
            str(name): Spread(l2=float(l2), linf=float(linf), relative=float(relative))
            for name, (l2, linf, relative) in rows.items()
        }

    return Noise(reached=bool(row["reached"]), spreads=spreads(row["spreads"]), slack=spreads(row["slack"]))


def _source(folder: Path, manifest: dict[str, Any], name: str) -> str:
    stored = f"sources/{name}"
    if stored not in manifest["sha256"]:
        raise CorruptError(f"{folder / stored}: has no digest in the manifest; make the baseline again")
    return (folder / inside(stored)).read_bytes().decode()


def _load_capture(folder: Path, manifest: dict[str, Any]) -> Capture:
    path = folder / RESULTS
    if RESULTS not in manifest["sha256"]:
        raise CorruptError(f"{path}: has no digest in the manifest; make the baseline again")
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_READ_BYTES:
            raise CorruptError(f"{path}: unpacks to far too much; make the baseline again")
    observables = {}
    with np.load(path, allow_pickle=False) as arrays:
        for number, row in enumerate(manifest["results"]):
            item = Observable(
                name=str(row["name"]),
                values=arrays[f"a{number}"],
                shape=tuple(int(extent) for extent in row["shape"]),
                reduced=bool(row["reduced"]),
                typed=bool(row["typed"]),
                quantum=float(row["quantum"]),
            )
            if item.values.dtype.kind not in "biufc" or not (item.reduced or item.values.shape == item.shape):
                raise CorruptError(f"{path}: {item.name} is no such array; make the baseline again")
            observables[item.name] = item
    loops = {str(name): Laps(int(one[0]), int(one[1])) for name, one in manifest["loops"].items()}
    calls = {str(name): int(count) for name, count in manifest["calls"].items()}
    return Capture(observables=observables, calls=calls, loops=loops, machine=dict(manifest["machine"]))
