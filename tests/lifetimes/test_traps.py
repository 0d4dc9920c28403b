"""Rewrites of allocations leave every result as it was, or leave the code alone."""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest

from pdeperf.model import Candidate, Diagnosis, Hotspot, Kind, Measurement, Span
from pdeperf.plugins import backends, detectors
from pdeperf.source import Module, Project
from tests.case_files import CASES

RULES = ("growing-array", "allocation-in-loop", "array-rebound", "loop-invariant")
TECHNIQUES = ("gather-pieces", "hoist-allocation", "update-in-place", "hoist-invariant")


def ran(text: str) -> tuple[dict[str, object], str]:
    """A script's names and what it prints."""
    names: dict[str, object] = {}
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(text, "trap.py", "exec"), names)
    return names, printed.getvalue()


def observed(names: dict[str, object], module: Module) -> tuple[Measurement, ...]:
    """What a look at the end of the script tells of its names, as if seen around every loop."""
    where = module.span(module.tree.body[0])
    whole = type(where)(file=module.file, first=1, last=len(module.lines))
    rows = []
    for name, value in names.items():
        kind = type(value)
        home = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        facts: dict[str, str | float] = {"type": f"{home}{kind.__qualname__}"}
        if isinstance(value, np.ndarray):
            shape = "x".join(map(str, value.shape))
            facts |= {"dtype": str(value.dtype), "ndim": float(value.ndim), "shape": shape}
        rows += [
            Measurement(where=whole, metric=metric, value=fact, collector="arguments", subject=name)
            for metric, fact in facts.items()
        ]
    return tuple(rows)


def rewrites(text: str) -> list[str]:
    """All that the techniques for allocations make of a script."""
    module = Module("trap.py", text)
    project = Project.from_texts({"trap.py": text}, observed(ran(text)[0], module))
    loops = [node for node in module.tree.body if type(node).__name__ in ("For", "While", "FunctionDef")]
    return [
        answer.patches[0].after
        for node in loops
        for detector in detectors()
        if detector.rule in RULES
        for diagnosis in detector.detect(Hotspot(where=module.span(node), share=0.9), project)
        for backend in backends()
        if backend.name in TECHNIQUES and detector.rule in backend.answers
        for answer in backend.propose(diagnosis, project)
        if isinstance(answer, Candidate)
    ]


def alike(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray | np.generic) or isinstance(other, np.ndarray | np.generic):
        first, second = np.asarray(one), np.asarray(other)
        if first.dtype == object or second.dtype == object:
            return first.shape == second.shape
        same_type = type(one) is type(other) and first.dtype == second.dtype
        return same_type and first.shape == second.shape and first.tobytes() == second.tobytes()
    if isinstance(one, list | tuple):
        same = type(one) is type(other) and len(one) == len(other)  # type: ignore[arg-type]
        return same and all(alike(a, b) for a, b in zip(one, other, strict=True))  # type: ignore[arg-type]
    if isinstance(one, dict):
        return all(alike(value, other[key]) for key, value in one.items())  # type: ignore[index]
    if hasattr(one, "__dict__") and type(one).__module__ == "builtins":
        return True
    return callable(one) or type(one).__name__ == "module" or type(one).__name__ == type(other).__name__


TRAPS = sorted((CASES / "traps").glob("*.py"))


@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.stem)
def test_a_rewrite_of_a_trap_gives_what_the_trap_gave(path):
    text = path.read_text()
    before, printed = ran(text)
    for after in rewrites(text):
        names, shown = ran(after)
        assert shown == printed, after
        for name, value in before.items():
            if not name.startswith("__"):
                assert alike(value, names.get(name)), f"{name} in\n{after}"


@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.stem)
def test_a_trap_is_rewritten_only_where_it_says_so(path):
    text = path.read_text()
    assert bool(rewrites(text)) == ("# rewritten" in text), rewrites(text)


def test_what_an_array_is_made_like_is_made_before_it():
    text = """\
import numpy as np

N = 8
u = np.random.default_rng(1).random((N, N))
for step in range(6):
    flux = np.zeros((N, N))
    work = np.empty_like(flux)
    flux[:, 1:] = u[:, 1:] - u[:, :-1]
    work[:] = np.fft.ifft2(np.fft.fft2(flux) * 0.5).real
    u = u + 0.1 * work
"""
    module = Module("trap.py", text)
    project = Project.from_texts({"trap.py": text}, observed(ran(text)[0], module))
    where = Span(file="trap.py", first=7, last=7)
    diagnosis = Diagnosis(rule="allocation-in-loop", kind=Kind.ALLOCATION, where=where, message="")
    backend = next(one for one in backends() if one.name == "hoist-allocation")
    (answer,) = backend.propose(diagnosis, project)
    assert alike(ran(answer.patches[0].after)[0]["u"], ran(text)[0]["u"])
