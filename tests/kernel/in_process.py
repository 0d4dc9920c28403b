"""A script observed, rewritten and run in this process, many times a second."""

import ast
import contextlib
import importlib
import io
import re
import signal
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from pdeperf.backends.numba import BACKEND
from pdeperf.collectors import Job
from pdeperf.model import Candidate, Diagnosis, Kind, Refusal, Span
from pdeperf.source import Project

LIMIT_S = 40


@dataclass(frozen=True)
class Outcome:
    """What a run printed, and the kind of exception that ended it."""

    printed: str
    raised: str
    message: str = ""

    @property
    def essence(self):
        return self.printed, self.raised


def execute(text, argv, folder, transform=None):
    """Run a script's text as the main program."""
    path = str(folder / "script.py")
    module = ModuleType("__main__")
    module.__file__ = path
    kept = sys.modules["__main__"], sys.argv
    sys.modules["__main__"], sys.argv = module, [path, *argv]
    out = io.StringIO()
    raised = message = ""
    try:
        tree = ast.parse(text, filename=path)
        if transform is not None:
            tree = ast.fix_missing_locations(transform(tree, "script.py"))
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(tree, path, "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        raised = "NameError" if isinstance(error, NameError) else type(error).__name__
        message = str(error)
    finally:
        sys.modules["__main__"], sys.argv = kept
    return Outcome(out.getvalue(), raised, message)


def observe(text, folder, argv=()):
    """The project with the types seen in a run."""
    job = Job(
        collector="arguments",
        script=str(folder / "script.py"),
        argv=argv,
        root=str(folder),
        folder=str(folder),
    )
    collector = importlib.import_module("pdeperf.collectors.arguments").COLLECTOR
    recording = collector.record(job)
    recording.start()
    seen = execute(text, argv, folder, recording.transform)
    recording.stop()
    plain = Project.from_texts({"script.py": text})
    return Project.from_texts({"script.py": text}, tuple(collector.read(folder, plain))), seen


def hot_span(project):
    module = project["script.py"]
    line = next(number for number, row in enumerate(module.lines, 1) if re.search(r"# hot\b", row))
    last = max(
        node.end_lineno
        for node in ast.walk(module.tree)
        if getattr(node, "lineno", 0) == line and hasattr(node, "body")
    )
    return Span(file="script.py", first=line, last=last)


def proposals(text, folder):
    """Candidates and refusals for the hot loop; None if the script itself fails."""
    project, seen = observe(text, folder)
    if seen.raised:
        return None
    diagnosis = Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=hot_span(project), message="")
    found = list(BACKEND.propose(diagnosis, project))
    return (
        [one for one in found if isinstance(one, Candidate)],
        [one for one in found if isinstance(one, Refusal)],
    )


def rewritten(candidate):
    """The text after a candidate, without Numba's cache, which needs a file."""
    return candidate.patches[0].after.replace("cache=True, ", "").replace("(cache=True)", "")


def alike(one: Outcome, other: Outcome, *, exact: bool) -> bool:
    if one.raised == "OverflowError":
        return True  # Compiled code makes inf, which candidates assume not to happen.
    if one.raised != other.raised:
        return False
    return one.printed == other.printed or _close(one.printed, other.printed, 0.0 if exact else 1e-11)


NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf)")


def _close(one: str, other: str, tolerance: float) -> bool:
    # Whether NumPy's or Python's number comes out of a loop that may not run is not kept.
    one, other = (re.sub(r"np\.float64\(([^()]*)\)", r"\1", text) for text in (one, other))
    a, b = NUMBER.findall(one), NUMBER.findall(other)
    if NUMBER.split(one) != NUMBER.split(other) or len(a) != len(b):
        return False
    for x, y in zip(a, b, strict=True):
        if x != y and not abs(float(x) - float(y)) <= tolerance * max(abs(float(x)), abs(float(y)), 1e-3):
            return False
    return True


class TookTooLong(BaseException):
    pass


@contextlib.contextmanager
def limited(seconds):
    def ring(*_):
        raise TookTooLong

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def difference(text: str, inputs, folder: Path, parallel=None) -> tuple[str, str]:
    """What a rewrite of a script does differently: a word and the details; ``refused`` or ``same``.

    ``parallel`` gives further candidates out of a rewrite, each with a text that runs its turns at once.
    """
    found = proposals(text, folder)
    if found is None:
        return "fails itself", ""
    candidates, refusals = found
    if not candidates:
        return "refused", "; ".join(f"{one.where.first}: {one.reason}" for one in refusals)
    for candidate in candidates:
        fresh = rewritten(candidate)
        for argv in ((), *inputs):
            before, after = execute(text, argv, folder), execute(fresh, argv, folder)
            if not alike(before, after, exact=candidate.safety.value == "exact"):
                details = f"arguments {argv}\n--- before\n{before.printed}{before.raised}: {before.message}\n"
                details += f"--- after\n{after.printed}{after.raised}: {after.message}\n--- rewrite\n{fresh}"
                return ("raises" if after.raised != before.raised else "differs"), details
        for form, once in parallel(fresh) if parallel else ():
            exact = "rounding" not in (candidate.safety.value, form.safety.value)
            for argv in ((), *inputs):
                before, after = execute(text, argv, folder), execute(once, argv, folder)
                if not alike(before, after, exact=exact):
                    return "races", f"arguments {argv}\n{before.printed}\n--- after\n{after.printed}\n{once}"
    return "same", ""
