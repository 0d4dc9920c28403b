"""A script observed, rewritten by one backend and run again, in this process."""

import ast
import contextlib
import importlib
import io
import warnings

from pdeperf.collectors import Job
from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate, Hotspot, Refusal, Span
from pdeperf.plugins import backends, detectors
from pdeperf.source import Project
from pdeperf.source.edits import apply
from pdeperf.source.project import Module
from pdeperf.sparse.at_once import turns_at_once
from pdeperf.sparse.written import Additions

PATTERN = ("bandwidth symmetry density matrix_shape matrix_format matrix_dtype right_side warning").split()


def run(text, folder, transform=None):
    """Everything that a script binds, and what it printed."""
    import ast
    import sys
    from types import ModuleType

    path = str(folder / "script.py")
    module = ModuleType("__main__")
    tree = ast.parse(text, filename=path)
    if transform is not None:
        tree = ast.fix_missing_locations(transform(tree, "script.py"))
    kept, sys.modules["__main__"] = sys.modules["__main__"], module
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(tree, path, "exec", dont_inherit=True), module.__dict__)
    finally:
        sys.modules["__main__"] = kept
    return module.__dict__, out.getvalue()


def observed(text, folder, *, patterns=False):
    """The project with the types seen in a run, and the patterns of matrices, or all, in another."""
    plain = Project.from_texts({"script.py": text})
    rows = []
    for name in ("arguments", "sparse") if patterns else ("arguments",):
        script = str(folder / "script.py")
        job = Job(collector=name, script=script, argv=(), root=str(folder), folder=str(folder))
        collector = importlib.import_module(f"pdeperf.collectors.{name}").COLLECTOR
        recording = collector.record(job)
        recording.start()
        try:
            run(text, folder, recording.transform)
        finally:
            recording.stop()
        found = collector.read(folder, plain)
        rows += (row for row in found if name == "arguments" or patterns == "all" or row.metric in PATTERN)
    return Project.from_texts({"script.py": text}, tuple(rows))


def proposals(text, folder, backend_name, *, patterns=False):
    """What a backend proposes, with the whole script hot."""
    project = observed(text, folder, patterns=patterns)
    where = Span(file="script.py", first=1, last=len(Module("script.py", text).lines))
    hotspot = Hotspot(where=where, share=0.9, facts=project.observed)
    backend = next(one for one in backends() if one.name == backend_name)
    return [
        answer
        for detector in detectors()
        if detector.rule in backend.answers
        for diagnosis in detector.detect(hotspot, project)
        for answer in backend.propose(diagnosis, project)
    ]


def candidates(text, folder, backend_name, *, patterns=False):
    found = proposals(text, folder, backend_name, patterns=patterns)
    return [one for one in found if isinstance(one, Candidate)]


def refusals(text, folder, backend_name):
    return [one for one in proposals(text, folder, backend_name) if isinstance(one, Refusal)]


def at_once(text, folder):
    """The text with all turns of the loop marked ``# LOOP`` at once."""
    project = observed(text, folder)
    module = project["script.py"]
    line = next(k for k, one in enumerate(text.splitlines(), start=1) if "# LOOP" in one)
    loop = next(one for one in ast.walk(module.tree) if isinstance(one, ast.For) and one.lineno == line)
    added = Additions(module)
    edits, _ = turns_at_once(Meaning(project), module, loop, added)
    return apply(text, [*added.edits(), *edits])
