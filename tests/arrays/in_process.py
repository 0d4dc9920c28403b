"""An array program observed, rewritten and run in this process, many times a second; compared to the bit."""

import contextlib
import importlib
import io
import os
import re
import sys
import warnings
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType

import numpy as np

from pdeperf.arrays.ways import Choice, every
from pdeperf.backends.fuse_arrays import FuseArrays
from pdeperf.collectors import Job
from pdeperf.model import Candidate, Diagnosis, Kind, Refusal, Safety, Span
from pdeperf.source import Project
from tests.kernel.in_process import execute as observed_run
from tests.parallel_orders import parallel_forms, shaken

SIZES = "the arrays' sizes do not fit together"


@dataclass(frozen=True)
class Outcome:
    """What a run left: its module's numbers and arrays, and what ended it."""

    values: dict[str, object] = field(default_factory=dict)
    raised: str = ""
    message: str = ""


@lru_cache(maxsize=8)
def _compiled(text: str, path: str) -> CodeType:
    return compile(text, path, "exec", dont_inherit=True)


def run(text: str, argv: tuple[str, ...], folder: Path) -> Outcome:
    """Run a program's text as the main program."""
    path = str(folder / "script.py")
    module = ModuleType("__main__")
    module.__file__ = path
    kept = sys.modules["__main__"], sys.argv
    sys.modules["__main__"], sys.argv = module, [path, *argv]
    raised = message = ""
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            exec(_compiled(text, path), module.__dict__)
    except Exception as error:
        raised, message = type(error).__name__, str(error)
    finally:
        sys.modules["__main__"], sys.argv = kept
    values = {
        name: value for name, value in vars(module).items() if not name.startswith("_") and _counts(value)
    }
    return Outcome(values, raised, message)


def _counts(value: object) -> bool:
    if isinstance(value, tuple):
        return all(_counts(part) for part in value)
    return isinstance(value, np.ndarray | np.generic | int | float | complex | bool)


def project_of(text: str, folder: Path) -> Project | None:
    """The program with the types seen in a run; None if it fails."""
    job = Job(
        collector="arguments", script=str(folder / "script.py"), argv=(), root=str(folder), folder=str(folder)
    )
    collector = importlib.import_module("pdeperf.collectors.arguments").COLLECTOR
    recording = collector.record(job)
    recording.start()
    seen = observed_run(text, (), folder, recording.transform)
    recording.stop()
    if seen.raised:
        return None
    plain = Project.from_texts({"script.py": text})
    return Project.from_texts({"script.py": text}, tuple(collector.read(folder, plain)))


def proposals(text: str, folder: Path, chosen: Choice = every) -> list[Candidate | Refusal] | None:
    """What is proposed for the line marked ``# hot``, in all ways; None if the program itself fails."""
    project = project_of(text, folder)
    if project is None:
        return None
    line = next(number for number, row in enumerate(text.splitlines(), 1) if re.search(r"# hot\b", row))
    where = Span(file="script.py", first=line, last=line)
    diagnosis = Diagnosis(rule="array-temporaries", kind=Kind.ALLOCATION, where=where, message="")
    return list(FuseArrays(chosen).propose(diagnosis, project))


def rewritten(candidate: Candidate) -> str:
    """The text after a candidate, without Numba's cache, which needs a file."""
    return candidate.patches[0].after.replace("cache=True, ", "").replace("(cache=True)", "")


def unlike(one: object, other: object, *, exact: bool) -> str:
    """How two values differ; empty if they are equal to the bit, or to rounding."""
    if isinstance(one, tuple):
        if not isinstance(other, tuple) or len(one) != len(other):
            return "another tuple"
        return next(filter(None, (unlike(a, b, exact=exact) for a, b in zip(one, other, strict=True))), "")
    if (isinstance(one, np.ndarray) or isinstance(other, np.ndarray)) and (
        type(one).__name__ != type(other).__name__
    ):
        return f"{type(one).__name__} became {type(other).__name__}"
    if isinstance(one, np.ma.MaskedArray) and isinstance(other, np.ma.MaskedArray):
        if not np.array_equal(np.ma.getmaskarray(one), np.ma.getmaskarray(other)):
            return "another mask"
        one, other = one.filled(0), other.filled(0)
    a, b = np.asarray(one), np.asarray(other)
    if isinstance(one, np.ndarray) and (a.dtype, a.shape) != (b.dtype, b.shape):
        return f"{a.dtype}{a.shape} became {b.dtype}{b.shape}"
    if a.dtype.kind != b.dtype.kind:
        return f"{a.dtype} became {b.dtype}"
    if not _same_bits(a, b) and (
        exact or not np.allclose(a, b, rtol=1e-9 if a.dtype != np.float32 else 1e-3, equal_nan=True)
    ):
        return f"{one!r} became {other!r}"
    return ""


def _same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal, with nan wherever there was nan and zeros of the same sign."""
    if a.dtype.kind == "c":
        return _same_bits(a.real, b.real) and _same_bits(a.imag, b.imag)
    if a.dtype.kind == "O":
        return repr(a.tolist()) == repr(b.tolist())
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    numbers = ~np.isnan(a)
    return bool(
        np.array_equal(a, b, equal_nan=True)
        and np.array_equal(np.signbit(a[numbers]), np.signbit(b[numbers]))
    )


@dataclass(frozen=True)
class Finding:
    """What rewriting a program came to.

    Attributes
    ----------
    word
        ``same``, ``refused``, ``fails itself``, ``crashes`` (the compiler), ``raises``, ``differs``,
        ``races`` (run on several cores); ``another error`` where both raise, not alike.
    """

    word: str
    details: str = ""
    argv: tuple[str, ...] = ()
    candidate: str = ""


def finding(text: str, inputs: tuple[tuple[str, ...], ...], folder: Path) -> Finding:
    """Compare a program with each of its rewrites, for each of the inputs and for the observed one."""
    try:
        found = proposals(text, folder)
    except Exception as error:
        return Finding("crashes", f"{type(error).__name__}: {error}")
    if found is None:
        return Finding("fails itself")
    candidates = [one for one in found if isinstance(one, Candidate)]
    if not candidates:
        return Finding(
            "refused",
            "; ".join(f"{one.where.first}: {one.reason}" for one in found if isinstance(one, Refusal)),
        )
    expected = {argv: run(text, argv, folder) for argv in ((), *inputs)}
    # What differs from run to run, the contents of np.empty for one, is nobody's result.
    if any(difference(one, run(text, argv, folder), (), exact=True) for argv, one in expected.items()):
        return Finding("fails itself", "not the same twice")
    plain = unsigned_zeros if SIGN_LEFT_OPEN & set(re.findall(r"\w+", text)) else lambda outcome: outcome
    expected = {argv: plain(outcome) for argv, outcome in expected.items()}
    for candidate in candidates:
        fresh = rewritten(candidate)
        exact = candidate.safety is Safety.EXACT
        for argv, before in expected.items():
            after = plain(run(fresh, argv, folder))
            if details := difference(before, after, candidate.forgets, exact=exact):
                return Finding(_word(before, after), details, argv, fresh)
        if is_compiled():
            continue
        orders = [(fresh, exact)] if "prange(" in fresh else []
        orders += [
            (form.patches[0].after, exact and form.safety is Safety.EXACT) for form in parallel_forms(fresh)
        ]
        for parallel, alike in orders:
            for seed, (argv, before) in enumerate(expected.items()):
                text_now = shaken(parallel, seed)
                after = plain(run(text_now, argv, folder))
                if details := difference(before, after, candidate.forgets, exact=alike):
                    return Finding("races", details, argv, text_now)
    return Finding("same")


SIGN_LEFT_OPEN = {"maximum", "minimum", "fmax", "fmin", "clip", "max", "min"}
"""Of 0.0 and -0.0 these return either: NumPy does not say which, and Numba takes the other one."""


def unsigned_zeros(outcome: Outcome) -> Outcome:
    """What a program left, without the sign of its zeros."""

    def plain(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(plain(part) for part in value)
        if isinstance(value, np.ndarray | np.generic | float) and np.asarray(value).dtype.kind in "fc":
            return value + 0.0
        return value

    return replace(outcome, values={name: plain(value) for name, value in outcome.values.items()})


def _word(before: Outcome, after: Outcome) -> str:
    if before.raised == after.raised:
        return "differs"
    if after.message == SIZES:
        return "sizes"
    return "another error" if before.raised and after.raised else "raises"


def difference(before: Outcome, after: Outcome, forgets: tuple[str, ...], *, exact: bool) -> str:
    """What two runs left differently, in words; empty if nothing."""
    if "read-only" in before.message:
        return ""  # Nothing is written; of a rewrite that writes nothing either, nobody complains.
    if before.raised != after.raised:
        return f"{before.raised}: {before.message} became {after.raised}: {after.message}"
    if before.raised:
        return ""  # Nobody sees what a script that failed has left.
    for name, value in before.values.items():
        if name in forgets:
            continue
        if name not in after.values:
            return f"{name} is gone"
        if how := unlike(value, after.values[name], exact=exact):
            return f"{name}: {how}"
    return ""


def is_compiled() -> bool:
    """Does Numba compile here, or only pass on?"""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
