"""One run of one version of the user's program, in a fresh process."""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pdeperf.guest.launch import (
    Command,
    Finished,
    describe_failure,
    importable,
    launch_beside,
    pinned_environment,
    thread_settings,
)
from pdeperf.guest.observe import ARRAYS, INDEX, Order
from pdeperf.guest.scratch import Place, locate, temporary_folder
from pdeperf.judge import Capture, Laps, Observable
from pdeperf.judge.values import LINES
from pdeperf.model import Workload
from pdeperf.trial.outputs import file_mark, printed, words_of, written


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where runs take place and with what.

    Attributes
    ----------
    interpreter
        The user's Python.
    path
        Folder that makes this package importable there.
    store
        Folder for compiled code and results, outside the copy.
    functions
        Are the locals of the user's functions watched?
    """

    interpreter: str
    path: Path
    store: Path
    functions: bool = True


@contextmanager
def setting(interpreter: str = sys.executable) -> Iterator[Setting]:
    """Give a setting for as long as the block lasts; compiled code is thrown away with it."""
    with importable() as path, temporary_folder("pdeperf-runs-") as store:
        yield Setting(interpreter=interpreter, path=path, store=store)


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Where runs are cut short: after so many turns of the loops with this header."""

    loop: str
    turns_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run.

    Attributes
    ----------
    wall_s, cpu_s
        Of the whole process, imports counted; what the watching took is subtracted.
    tells_place
        It prints the name of the copy that it ran in.
    failure
        Why it did not finish, in one line; empty if it did.
    """

    capture: Capture = field(default_factory=lambda: Capture(observables={}))
    wall_s: float = 0.0
    cpu_s: float = 0.0
    minor_faults_count: int = 0
    peak_bytes: int = 0
    tells_place: bool = False
    timed_out: bool = False
    failure: str = ""

    @property
    def bare(self) -> "Run":
        """The run without its results."""
        return replace(self, capture=Capture(observables={}, threaded=self.capture.threaded))


def pinned_settings() -> tuple[tuple[str, str], ...]:
    """Which variables that bear on speed does every run get, and how many processors may it use?"""
    environment = pinned_environment(Path(), cache_dir=Path())
    kept = {name: environment[name] for name in sorted(environment) if name.startswith("MALLOC_")}
    kept |= dict(thread_settings(environment))
    return (*kept.items(), ("processors", str(len(os.sched_getaffinity(0)))))


def version(files: Mapping[str, str]) -> str:
    """Name a version of the program by the content of its files."""
    digest = hashlib.sha256()
    for file, text in sorted(files.items()):
        digest.update(f"{file}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()[:16]


def cache_folder(setting: Setting, files: Mapping[str, str], kind: str = "") -> Path:
    """Where the code that Numba compiles for a version is kept between runs; made if it is missing."""
    folder = setting.store / "cache" / (version(files) + kind)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """In what a run differs from a plain one.

    Attributes
    ----------
    boundscheck
        Let Numba check every index; such code is compiled and cached apart.
    functions
        Watch the locals of functions; by default as the setting says.
    skewed, filled, perturbation, roundings_count, carried_only, scalars, sums, tightened, horizon, branches
        See :class:`pdeperf.guest.observe.Order`.
    timeout_s
        The workload's own limit by default.
    """

    boundscheck: bool = False
    functions: bool | None = None
    skewed: bool = False
    filled: bool = False
    perturbation: int = 0
    roundings_count: float = 1.0
    carried_only: bool = False
    scalars: bool = False
    sums: bool = False
    tightened: bool = False
    horizon: Horizon | None = None
    branches: bool = False
    timeout_s: float | None = None

    @property
    def cache_kind(self) -> str:
        """Code compiled under such terms has the text and place of other code, and is kept apart."""
        kind = "-bounds" if self.boundscheck else "-tight" if self.tightened else ""
        if self.horizon is None:
            return kind
        cut = f"{self.horizon.turns_count} {self.horizon.loop}"
        return f"{kind}-cut-{hashlib.sha256(cut.encode()).hexdigest()[:12]}"


PLAIN = Terms()


def run_once(
    workload: Workload, place: Place, files: Mapping[str, str], setting: Setting, terms: Terms = PLAIN
) -> Run:
    """Run one version of the program and bring back its results.

    Parameters
    ----------
    files
        The version: whole texts by name relative to the place's root.

    Notes
    -----
    Code that Numba compiles is cached by version, so the first run of a version compiles and the
    following do not.
    """
    (run,) = run_beside(workload, place, files, setting, [terms])
    return run


def run_beside(
    workload: Workload, place: Place, files: Mapping[str, str], setting: Setting, terms: Sequence[Terms]
) -> list[Run]:
    """Run one version several times side by side, each in a copy of its own: no time tells anything."""
    place.write(files)
    place.fresh()
    with ExitStack() as held:
        places = [place, *(held.enter_context(place.twin()) for _ in terms[1:])]
        folders = [Path(held.enter_context(tempfile.TemporaryDirectory(dir=setting.store))) for _ in terms]
        commands = [
            _command(workload, files, setting, *each) for each in zip(terms, places, folders, strict=True)
        ]
        ended = launch_beside(commands)
        _, name = locate(workload.script, place.cwd)
        return [
            _collect(one, name, copied, results)
            for one, copied, results in zip(ended, places, folders, strict=True)
        ]


def _command(
    workload: Workload, files: Mapping[str, str], setting: Setting, terms: Terms, place: Place, results: Path
) -> Command:
    cache = cache_folder(setting, files, terms.cache_kind)
    environment = pinned_environment(setting.path, cache_dir=cache, place=place, extra=workload.environment)
    if terms.boundscheck:
        environment["NUMBA_BOUNDSCHECK"] = "1"
    if terms.filled:
        environment["MALLOC_PERTURB_"] = "165"
    _, name = locate(workload.script, place.cwd)
    knows_numba = any("numba" in text for text in files.values())  # which knows NumPy's own
    order = Order(
        script=str(place.root / name),
        root=str(place.root),
        argv=workload.argv,
        results=str(results),
        functions=setting.functions if terms.functions is None else terms.functions,
        skewed=terms.skewed,
        filled=terms.filled and not knows_numba,
        perturbation=terms.perturbation,
        roundings_count=terms.roundings_count,
        carried_only=terms.carried_only,
        scalars=terms.scalars,
        sums=terms.sums,
        tightened=terms.tightened,
        horizon_loop=terms.horizon.loop if terms.horizon else "",
        horizon_turns=terms.horizon.turns_count if terms.horizon else 0,
        branches=terms.branches,
        conserved=workload.conserved,
    )
    order.write(results / "order.json")
    return Command(
        args=[setting.interpreter, "-P", "-m", "pdeperf.guest", str(results / "order.json")],
        cwd=place.cwd,
        environment=environment,
        timeout_s=terms.timeout_s or workload.timeout_s,
    )


def _collect(finished: Finished, script: str, place: Place, results: Path) -> Run:
    failure = describe_failure(finished, script, root=place.root)
    index = _index(results)
    watching_s, watching_cpu_s = (float(index.get(name, 0.0)) for name in ("watching_s", "watching_cpu_s"))
    observables = {} if failure else {item.name: item for item in _observables(index, finished, results)}
    marks = {} if failure else {LINES: words_of(finished.stdout)}
    for path in () if failure else place.changed():
        name = path.relative_to(place.cwd if path.is_relative_to(place.cwd) else place.base).as_posix()
        found = {item.name: item for item in written(path, name)}
        observables |= found
        marks[f"file {name}"] = file_mark(path, is_read=bool(found))
    capture = Capture(
        observables=observables,
        calls=index.get("calls", {}),
        notes=tuple(index.get("notes", ())),
        perturbed_count=index.get("perturbed", 0),
        threaded=index.get("threaded", False),
        loops={name: Laps(*counted) for name, counted in index.get("loops", {}).items()},
        machine=index.get("machine", {}),
        marks=marks,
        taken=frozenset(index.get("taken", ())),
        tightened_count=index.get("tightened", 0),
        truncated_count=index.get("truncated", 0),
    )
    return Run(
        capture=capture,
        wall_s=max(finished.wall_s - watching_s, 1e-6),
        cpu_s=max(finished.cpu_s - watching_cpu_s, 1e-6),
        minor_faults_count=finished.minor_faults_count,
        peak_bytes=finished.peak_bytes,
        tells_place=str(place.base) in finished.stdout,
        timed_out=finished.timed_out,
        failure=failure,
    )


def _index(results: Path) -> dict[str, Any]:
    path = results / INDEX
    if not path.exists():
        return {}  # the script ended the process without a word to Python: os._exit
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def _observables(index: dict[str, Any], finished: Finished, results: Path) -> Iterator[Observable]:
    rows = index.get("observables", [])
    if rows:
        with np.load(results / ARRAYS, allow_pickle=False) as arrays:
            for row in rows:
                yield Observable(
                    name=row["name"],
                    values=arrays[row["key"]],
                    shape=tuple(row["shape"]),
                    reduced=row["reduced"],
                    typed=row["typed"],
                )
    yield from printed(finished.stdout)
